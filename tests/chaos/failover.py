"""Two real collectors on one real PostgreSQL; the leader is killed and frozen in turn, and the other must take over.

Both run `buzz collect` on a tag of a Mastodon stub that never stops growing. Triggers make the database itself note
which session wrote, and the server notes when each of these writes was committed; so the proof asks nobody's clock but
the server's: every write of an epoch was committed before the next epoch began. At the end the server is stopped and
started again under them, and every post must be there once. `python tests/chaos/failover.py --rounds 20`
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import local_postgres
import psycopg
from mastodon_stub import MastodonStub, mastodon_server, status
from only import only

from analysis.rollup import verify
from collector.store import Store

LIMIT = 5.0  # seconds that a fail-over may take
PATIENCE = 60.0  # seconds for anything else to come about
GROWTH = 0.02  # seconds between two new posts
CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
[sources.mastodon]
every = "1s"
servers = ["{url}"]
""" + only("mastodon")
# each write tells who wrote; the pauses make transactions long enough for a fault to fall into the middle of them
WATCHED = ("post", "mention", "cursor_value", "ledger", "job_state", "label", "title_hour", "title_day")
NOTES = """
CREATE TABLE note (id bigserial PRIMARY KEY, holder text, what text, epoch bigint);
CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO note (holder, what) VALUES (current_setting('application_name'), TG_TABLE_NAME);
  PERFORM pg_sleep(0.02);
  RETURN NULL;
END $$;
CREATE FUNCTION note_epoch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO note (holder, what, epoch) VALUES (NEW.holder, 'epoch', NEW.epoch);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON leader FOR EACH ROW EXECUTE FUNCTION note_epoch();
"""
NOTE_WRITES = (
    "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH STATEMENT EXECUTE FUNCTION note_write()"
)
COMMITTED = "SELECT pg_xact_commit_timestamp(xmin) AS at, holder, what, epoch FROM note ORDER BY at, id"
IN_HAND = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND xact_start IS NOT NULL"


class Round(NamedTuple):
    """One fail-over: what was done to the leader, seconds until another led and until it wrote, and what it cut."""

    fault: str
    led: float
    wrote: float
    in_a_write: bool


class Database:
    """What the script asks the database; it knows the leader by its epoch and the name of its sessions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()  # type: ignore[call-overload]

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - whatever the query tells
        rows = self.rows(query, *values)
        return rows[0][0] if rows else None

    def reconnect(self) -> None:
        self._connection.close()
        self._connection = psycopg.connect(self.url, autocommit=True)

    def leader(self) -> tuple[int, int]:
        """Return the epoch and the leader's process."""
        for epoch, holder in self.rows("SELECT epoch, holder FROM leader"):
            return int(epoch), int(holder.split()[-2])
        return 0, 0

    def has_written(self, epoch: int) -> bool:
        query = (
            "SELECT 1 FROM note n JOIN leader l ON l.holder = n.holder WHERE l.epoch = %s AND n.what <> 'epoch' LIMIT 1"
        )
        return self.one(query, epoch) is not None


class Collectors:
    """The processes, their words in one log each."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url
        self.running: dict[int, subprocess.Popen[bytes]] = {}
        self.logs: list[Path] = []

    def start(self) -> None:
        log = self._folder / f"collector-{len(self.logs) + 1}.log"
        self.logs.append(log)
        command = [sys.executable, "-P", "-m", "ui.cli", "collect", "--quiet", "--db", self._url]
        with log.open("wb") as out:
            child = subprocess.Popen(
                [*command, "--config", self._folder / "config.toml"],
                stdout=out, stderr=out, cwd=self._folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        self.running[child.pid] = child

    def kill(self, pid: int) -> None:
        child = self.running.pop(pid)
        child.kill()
        child.wait()

    def end(self) -> list[int]:
        """End all in order; return their exit codes."""
        for child in self.running.values():
            child.send_signal(signal.SIGCONT)
            child.terminate()
        return [child.wait(PATIENCE) for child in self.running.values()]

    def clear(self) -> None:
        for child in self.running.values():
            if child.poll() is None:
                child.kill()
                child.wait()

    def said(self) -> str:
        return "\n".join(log.read_text(errors="replace") for log in self.logs)


def eventually(what: Callable[[], object], patience: float = PATIENCE) -> float:
    """Wait until something is so; return after how many seconds it was. Raises TimeoutError."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > patience:
            raise TimeoutError("it did not come about in time")
        time.sleep(0.01)
    return time.monotonic() - began


def fail_over(database: Database, collectors: Collectors, fault: str) -> Round:
    """Strike the leader at a random moment and wait for the other one."""
    epoch, pid = database.leader()
    holder = database.one("SELECT holder FROM leader")
    time.sleep(random.uniform(0.5, 2.0))
    if fault == "killed":
        collectors.running[pid].kill()
    else:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    in_a_write = bool(database.one(IN_HAND, holder))
    eventually(lambda: database.leader()[0] > epoch)
    led = time.monotonic() - began
    eventually(lambda: database.has_written(epoch + 1))
    wrote = time.monotonic() - began
    if fault == "killed":
        collectors.kill(pid)
        collectors.start()
    else:
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: _stands_by(database, collectors))
    return Round(fault, led, wrote, in_a_write)


def _stands_by(database: Database, collectors: Collectors) -> bool:
    """Tell whether both have a session that asks for the lead."""
    asking = """
        SELECT DISTINCT split_part(application_name, ' ', 4) FROM pg_stat_activity
        WHERE application_name LIKE 'buzz collect %%' AND (query LIKE '%%advisory%%' OR query LIKE '%%leader%%')
    """
    held = database.rows(asking)
    return {str(pid) for pid in collectors.running} <= {pid for (pid,) in held}


def overlaps(database: Database) -> list[str]:
    """Return each write that was committed outside the epoch of its writer, told in words."""
    found, epoch, leads = [], 0, ""
    for at, holder, what, raised in database.rows(COMMITTED):
        if what == "epoch":
            if raised != epoch + 1:
                found.append(f"epoch {raised} came after {epoch}")
            epoch, leads = raised, holder
        elif holder != leads:
            found.append(f"{at}: {holder} wrote {what} in epoch {epoch}, which is {leads}'s")
    return found


def restart(server: local_postgres.LocalPostgres, bin_folder: Path, seconds: float) -> None:
    """Stop the server at once, as in a crash, and start it again."""
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait()
    time.sleep(seconds)
    server.process = local_postgres._spawn(
        bin_folder / "postgres", server.folder, server.port, local_postgres._account()
    )
    server._wait()


@contextmanager
def growing(stub: MastodonStub) -> Iterator[Callable[[], None]]:
    """Let a post arrive every few milliseconds; yields what ends it."""
    ended = threading.Event()

    def grow() -> None:
        number = 0
        while not ended.wait(GROWTH):
            number += 1
            stub.add(status(number))

    thread = threading.Thread(target=grow, daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join()

    try:
        yield end
    finally:
        end()


@contextmanager
def postgres() -> Iterator[tuple[local_postgres.LocalPostgres, Path]]:
    folder = local_postgres.programs()
    if folder is None:
        raise SystemExit(f"PostgreSQL is missing: apt-get install -y {local_postgres.PACKAGE}")
    # a server that forgets nothing in a crash, and keeps the time of each commit
    local_postgres.SETTINGS.update(track_commit_timestamp="on", synchronous_commit="on", full_page_writes="on")
    server = local_postgres.LocalPostgres.start(folder)
    try:
        yield server, folder
    finally:
        server.stop()


def rounds(database: Database, collectors: Collectors, count: int) -> list[Round]:
    done = []
    for number in range(count):
        one = fail_over(database, collectors, ("killed", "frozen")[number % 2])
        done.append(one)
        cut = ", in the middle of a write" if one.in_a_write else ""
        print(f"{number + 1:3} {one.fault}{cut}: another led after {one.led:.2f} s, wrote after {one.wrote:.2f} s")
    return done


def outage(database: Database, server: local_postgres.LocalPostgres, bin_folder: Path) -> None:
    epoch = database.leader()[0]
    restart(server, bin_folder, 3)
    back = time.monotonic()
    database.reconnect()
    eventually(lambda: database.leader()[0] > epoch)
    print(f"    server stopped for 3 s and started again: led again {time.monotonic() - back:.2f} s after it was back")


def finish(database: Database, collectors: Collectors, stub: MastodonStub) -> list[str]:
    """Let all be collected, end both collectors, and return what is wrong, told in words."""
    posted = {entry["uri"] for entry in stub.timelines["squidgame"]}
    eventually(lambda: database.one("SELECT count(DISTINCT native_id) FROM post") >= len(posted), PATIENCE)
    eventually(lambda: database.one("SELECT count(*) FROM dirty_hour") == 0)
    codes = collectors.end()
    stored = [row[0] for row in database.rows("SELECT native_id FROM post")]
    mentions = database.one("SELECT count(*) FROM mention")
    with Store.open(database.url) as store:
        totals = verify(store)
    checks = {
        f"exit codes are {codes}": codes != [0] * len(codes),
        f"{len(posted - set(stored))} posts are lost": bool(posted - set(stored)),
        f"{len(stored) - len(set(stored))} posts are doubled": len(stored) != len(set(stored)),
        f"{mentions} mentions of {len(posted)} posts": mentions != len(posted),
        f"{len(totals)} totals are wrong": bool(totals),
        "a traceback was shown": "Traceback" in collectors.said(),
    }
    faults = [words for words, wrong in checks.items() if wrong] + overlaps(database)
    writes = database.one("SELECT count(*) FROM note WHERE what <> 'epoch'")
    epochs = database.one("SELECT count(*) FROM note WHERE what = 'epoch'")
    print(f"{len(stored):,} posts, {writes:,} writes in {epochs} epochs looked at")
    return faults


def run(count: int, *, show_logs: bool) -> int:
    stub = MastodonStub()
    stub.add(status(0))
    with (
        tempfile.TemporaryDirectory(prefix="buzz-failover-") as scratch,
        postgres() as (server, bin_folder),
        mastodon_server(stub) as web,
    ):
        folder = Path(scratch)
        os.environ["XDG_CONFIG_HOME"] = scratch  # the key of the author hashes
        (folder / "config.toml").write_text(CONFIG.format(url=web.url), encoding="utf-8")
        url = server.url(server.create())
        Store.open(url).close()
        database = Database(url)
        for statement in [NOTES, *map(NOTE_WRITES.format, WATCHED)]:
            database._connection.execute(statement)
        collectors = Collectors(folder, url)
        try:
            for _ in range(2):
                collectors.start()
            # the first look at a tag takes its newest page only: what is older is not asked for
            eventually(lambda: database.one("SELECT count(*) FROM post") == 1 and _stands_by(database, collectors))
            with growing(stub) as end_growth:
                done = rounds(database, collectors, count)
                outage(database, server, bin_folder)
                end_growth()
            faults = finish(database, collectors, stub)
        finally:
            collectors.clear()
            if show_logs:
                print(collectors.said())
    for fault in ("killed", "frozen"):
        times = [one.led for one in done if one.fault == fault]
        cut = sum(one.in_a_write for one in done if one.fault == fault)
        if times:
            print(f"{fault}: {len(times)} times, {cut} in a write; another led after at most {max(times):.2f} s")
    faults += [f"a fail-over took {one.led:.2f} s" for one in done if one.led > LIMIT]
    print("\n".join(faults) or "no overlapping write, every post once, totals exact")
    return 1 if faults else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of the random moments")
    parser.add_argument("--logs", action="store_true", help="print what the collectors said")
    asked = parser.parse_args()
    random.seed(asked.seed)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(run(asked.rounds, show_logs=asked.logs))


if __name__ == "__main__":
    main()
