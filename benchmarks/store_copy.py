"""How long it takes to move a whole database: SQLite to PostgreSQL and back, a backup, and restoring it on either.

Invented posts with mentions, labels, topics, totals and the search index. Each step is timed by the clock and by our
own CPU time (PostgreSQL's own is not in it), with the growth of our memory at its highest; the tables of both ends of
the round trip are printed. `python benchmarks/store_copy.py --posts 1000000`
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "tests" / "support")]
from grown import Plan, ask, grow, total
from local_postgres import LocalPostgres, programs

from collector.backup import backup, restore
from collector.copy import Copied, copy
from collector.snapshot import Proof, content, shapes
from collector.store import Store


def main() -> None:
    """Measure and print; ends with 1 where what came back is not what was sent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    folder = programs()
    if folder is None:
        sys.exit("PostgreSQL is missing: apt-get install -y postgresql")
    server = LocalPostgres.start(folder)
    try:
        with tempfile.TemporaryDirectory() as made:
            found = measure(Path(made), server, asked.posts)
    finally:
        server.stop()
    print(json.dumps(found, indent=2) if asked.json else _table(found))
    if not found["equal"]:
        sys.exit("what came back is not what was sent")


def measure(folder: Path, server: LocalPostgres, posts: int) -> dict[str, Any]:
    """Make a database of so many posts and move it about."""
    first, back = (f"sqlite:///{folder / name}" for name in ("first.db", "back.db"))
    there, restored = server.url(server.create()), server.url(server.create())
    with Store.open(first) as store:
        grow(store, 0, posts, Plan(posts))
        ask(store, max(1, posts // 100))
        total(store)
    steps: list[dict[str, Any]] = []
    copies: list[Copied] = []
    made = folder / "made.db.gz"
    _time(steps, "copy SQLite -> PostgreSQL", lambda: copies.append(copy(first, there, _unheard)))
    _time(steps, "copy PostgreSQL -> SQLite", lambda: copies.append(copy(there, back, _unheard)))
    _time(steps, "backup of SQLite", lambda: backup(first, folder / "plain.db", _unheard))
    _time(steps, "backup of SQLite, compressed", lambda: backup(first, made, _unheard))
    _time(steps, "backup of PostgreSQL, compressed", lambda: backup(there, folder / "other.db.gz", _unheard))
    _time(steps, "restore to SQLite", lambda: restore(made, f"sqlite:///{folder / 'restored.db'}", _unheard))
    _time(steps, "restore to PostgreSQL", lambda: restore(made, restored, _unheard))
    ends = _ends(copies[0].proofs, back)
    return {
        "posts": posts,
        "bytes": {name: (folder / name).stat().st_size for name in ("first.db", "plain.db", "made.db.gz")},
        "steps": steps,
        "tables": [{"table": end.table, "rows": end.rows, "digest": end.digest, "equal": end.equal} for end in ends],
        "equal": all(end.equal for end in ends),
    }


def _time(steps: list[dict[str, Any]], name: str, run: Callable[[], object]) -> None:
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew from here on
    before = _kilobytes("VmRSS")
    clock, cpu = time.perf_counter(), time.process_time()
    run()
    grown = _kilobytes("VmHWM") - before
    spent = {"seconds": round(time.perf_counter() - clock, 1), "cpu": round(time.process_time() - cpu, 1)}
    steps.append({"step": name, **spent, "memory_grew_mb": grown // 1024})


def _kilobytes(name: str) -> int:
    """Return what Linux says of our memory: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _ends(sent: tuple[Proof, ...], back: str) -> list[Proof]:
    """Set the first database beside the last one, read anew."""
    with Store.open(back) as store, store.reading() as connection:
        came = {shape.table: content(connection, shape, _unheard) for shape in shapes(connection)}
    return [Proof(proof.table, proof.rows, proof.digest, *came[proof.table]) for proof in sent]


def _unheard(_: float) -> None:
    """Take the progress that nobody watches."""


def _table(found: dict[str, Any]) -> str:
    sizes = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in found["bytes"].items())
    lines = [f"{found['posts']:,} posts: {sizes}", "", f"{'step':<34}{'seconds':>9}{'our CPU':>9}{'MB more':>9}"]
    lines += [
        f"{step['step']:<34}{step['seconds']:>9}{step['cpu']:>9}{step['memory_grew_mb']:>9}" for step in found["steps"]
    ]
    lines += ["", f"{'table':<14}{'rows':>12}  SQLite -> PostgreSQL -> SQLite"]
    lines += [
        f"{end['table']:<14}{end['rows']:>12,}  {'equal' if end['equal'] else 'NOT EQUAL'}  {end['digest']}"
        for end in found["tables"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
