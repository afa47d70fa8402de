"""Kills a collector at random moments and looks after each kill whether anything was lost, doubled or left behind.

A child process collects from a feed, labels and rolls; SIGKILL strikes it after a random part of the time that the
same work took undisturbed. On PostgreSQL the server is struck as well: a backend killed, the server stopped at once.
After each strike the store must be consistent (check.py); at the end the work is finished, and every row of every
table must equal that of a run that nothing disturbed. `python tests/chaos/kills.py --kills 100`
"""

import argparse
import contextlib
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(Path(__file__).parent)]

import local_postgres
from check import CONTENT, content, faults, page_of
from feed import SEEN, Feed, Truth, config

from analysis.ahead import Ahead
from analysis.label import label_pending
from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from analysis.rollup import roll
from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.errors import BuzzError
from collector.store import Store

KEY = b"a key for tests only, thirty-two characters long"
ROUND, CYCLE = 8, 4  # pages that a child is to collect, and pages between two times of labelling
STAGES = ("opening", "collecting", "labelling", "totalling", "done")
TOLD_SO = 75  # a child's exit code for an error that a user would read as a sentence
PATIENCE = 60  # seconds for what takes one
WHOLE = 900  # seconds for the whole feed in one go
ANEW = 10  # strikes until an undisturbed round is timed anew, for a machine grows busy and idle


class Progress:
    """What a child tells across its death: the stage it is in, and the last page whose saving returned."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 5)

    def begin(self) -> None:
        self._memory[:] = bytes(5)

    def enter(self, stage: str) -> None:
        self._memory[0] = STAGES.index(stage)

    def saved(self, page: int) -> None:
        self._memory[1:] = page.to_bytes(4, "big")

    @property
    def stage(self) -> str:
        return STAGES[self._memory[0]]

    @property
    def page(self) -> int:
        return int.from_bytes(self._memory[1:], "big")


def work(url: str, seed: int, until: int, progress: Progress) -> None:
    """What a collector does, up to a page of the feed: collect, label, total, over and over.

    Every second time the posts are labelled on their way in, as `buzz import` does.
    """
    with Store.open(url) as store:
        saver = Saver(store, config().titles, AuthorKeys(KEY), clock=lambda: SEEN, on_skip=lambda item, fault: None)
        ahead = Ahead(store, config(), processes=0)
        at = page_of(store)
        while True:
            saver.prepare = ahead if at // CYCLE % 2 else None
            at = min(at + CYCLE, until)
            progress.enter("collecting")
            collect(saver, Feed(seed, at, progress.saved))
            progress.enter("labelling")
            label_pending(store, config())
            progress.enter("totalling")
            roll(store)
            if at == until:
                progress.enter("done")
                return


def start(job: Callable[[], None]) -> int:
    """Run a job in a child process with a process group of its own; return its id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        with contextlib.suppress(PermissionError):  # it has done so itself
            os.setpgid(child, child)
        return child
    os.setpgid(0, 0)
    status = 1
    try:
        job()
        status = 0
    except BuzzError as fault:
        print(f"  the child says: {fault}", file=sys.stderr)
        status = TOLD_SO
    except BaseException:  # noqa: BLE001 - whatever it is, the child must not go on as its parent
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(child: int) -> int | None:
    """Return the exit code of a child that has ended (negative: its signal), None while it runs."""
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def wait(child: int, seconds: float) -> int | None:
    """Wait until a child ends, at most so long. Returns as `ended`."""
    until = time.monotonic() + seconds
    while (code := ended(child)) is None and time.monotonic() < until:
        time.sleep(0.001)
    return code


def left_behind(child: int) -> list[str]:
    """Return a sentence when a killed child has left workers running; they get 5 seconds to see that it is gone."""
    for _ in range(500):
        try:
            os.killpg(child, 0)
        except ProcessLookupError:
            return []
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    return ["a killed collector has left processes running"]


class Database:
    """A database to work on: SQLite, whose file lies in a folder of our own, or PostgreSQL, whose server is ours."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._made = 0
        self._programs = local_postgres.programs()
        self.server = None
        if kind == "postgresql":
            if self._programs is None:
                raise SystemExit("PostgreSQL is not installed: give --database sqlite")
            local_postgres.SETTINGS |= {"synchronous_commit": "on", "autovacuum": "on"}
            self.server = local_postgres.LocalPostgres.start(self._programs)

    def create(self) -> str:
        """Make an empty one, return its address."""
        self._made += 1
        if self.server:
            return self.server.url(self.server.create())
        return f"sqlite:///{self._folder}/chaos{self._made}.db"

    def settle(self, url: str) -> None:
        """Wait until nobody works on it any more: PostgreSQL ends a transaction a moment after its client's death."""
        if not self.server:
            return
        self.server._wait()
        with self.server._admin() as connection:
            for _ in range(PATIENCE * 100):
                of = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
                row = connection.execute(of, [url.rpartition("/")[2]]).fetchone()
                if row == (0,):
                    return
                time.sleep(0.01)
        raise SystemExit("PostgreSQL goes on working for a client that is dead")

    def kill_backend(self, url: str) -> None:
        """Kill the process that serves the collector: PostgreSQL then ends all others and recovers."""
        assert self.server
        with self.server._admin() as connection:
            of = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            pids = connection.execute(of, [url.rpartition("/")[2]]).fetchall()
        for (pid,) in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash(self) -> None:
        """Stop the server at once and start it again: it recovers from its log."""
        assert self.server
        assert self._programs
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.process.wait(PATIENCE)
        account = local_postgres._account()
        self.server.process = local_postgres._spawn(
            self._programs / "postgres", self.server.folder, self.server.port, account
        )
        self.server._wait()

    def close(self) -> None:
        """End the server."""
        if self.server:
            self.server.stop()


@contextmanager
def database(kind: str) -> Iterator[Database]:
    """Hand out a place for databases; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="buzz-chaos-") as folder:
        made = Database(kind, Path(folder))
        try:
            yield made
        finally:
            made.close()


class Run:
    """Kills on one database, one after the other."""

    def __init__(self, base: Database, seed: int) -> None:
        self.base, self.seed = base, seed
        self.url = base.create()
        self.chance = random.Random(f"{seed}/{base.kind}")
        self.truth = Truth(seed)
        self.progress = Progress()
        self.page = 0  # where the feed's cursor stands
        self.struck: Counter[str] = Counter()  # strikes by the stage they fell in
        self.faults: list[str] = []

    def undisturbed(self) -> float:
        """Run one round in peace; return its seconds."""
        begun = time.monotonic()
        self._expect(self._begin(), 0)
        seconds = time.monotonic() - begun
        self._look("undisturbed")
        return seconds

    def strike(self, span: float, with_what: str) -> bool:
        """Run one round and strike within it. Returns False where it was done before that."""
        child = self._begin()
        if wait(child, self.chance.uniform(0, span)) is None:
            stage = self.progress.stage
            code = self._hit(child, with_what)
        else:
            code, stage = 0, "done"
        self.struck[stage] += stage != "done"
        if code not in {0, -signal.SIGKILL, TOLD_SO}:
            self.faults.append(f"{with_what} while {stage}: the collector ended with {code}, not with a sentence")
        self.faults += left_behind(child)
        self._look(f"{with_what} while {stage}")
        return stage != "done"

    def _hit(self, child: int, with_what: str) -> int | None:
        if with_what == "kill":
            os.kill(child, signal.SIGKILL)
        elif with_what == "backend killed":
            self.base.kill_backend(self.url)
        else:
            self.base.crash()
        code = wait(child, PATIENCE)
        if code is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return code

    def _begin(self) -> int:
        self.progress.begin()
        self.progress.saved(self.page)
        until = self.page + ROUND
        return start(lambda: work(self.url, self.seed, until, self.progress))

    def _expect(self, child: int, code: int) -> None:
        found = wait(child, WHOLE)
        if found != code:
            raise SystemExit(f"undisturbed, the collector ended with {found} while {self.progress.stage}")

    def _look(self, after: str) -> None:
        self.base.settle(self.url)
        with Store.open(self.url) as store:
            found = faults(store, self.truth, self.progress.page)
            self.page = page_of(store)
        self.faults += [f"after {after}, page {self.page}: {fault}" for fault in found]

    def compare(self) -> int:
        """Finish the work, do it once more in peace on another database, compare. Returns how many rows are equal."""
        self._expect(self._begin(), 0)
        self._look("the end")
        other, until = self.base.create(), self.page
        self._expect(start(lambda: work(other, self.seed, until, self.progress)), 0)
        with Store.open(self.url) as one, Store.open(other) as two:
            killed, whole = content(one), content(two)
        for name, rows in whole.items():
            if killed[name] != rows:
                odd = sorted(set(killed[name]) ^ set(rows), key=repr)[:2]
                self.faults.append(f"{name}: {len(killed[name])} rows, undisturbed {len(rows)}; such as {odd}")
        if killed["dirty_hour"]:
            self.faults.append(f"{len(killed['dirty_hour'])} hours are still marked at the end")
        return sum(map(len, whole.values()))


def strikes(kind: str, kills: int) -> list[str]:
    """Return what to strike with: SIGKILL of the collector; on PostgreSQL two of each 20 hit the server besides."""
    if kind == "sqlite":
        return ["kill"] * kills
    server = ["backend killed", "server stopped"] * max(1, kills // 20)
    return ["kill"] * kills + server


def chaos(kind: str, kills: int, seed: int) -> bool:
    """Run all strikes on one database; print how it goes. Returns whether all was well."""
    begun = time.monotonic()
    with database(kind) as base:
        run = Run(base, seed)
        run.undisturbed()  # the first makes the tables besides
        span = run.undisturbed()
        print(f"{kind}: one round of {ROUND} pages takes {span:.2f} s undisturbed", flush=True)
        waiting = strikes(kind, kills)
        run.chance.shuffle(waiting)
        for number, with_what in enumerate(waiting, start=1):
            while not run.strike(span, with_what):
                pass  # the round was done before: another one
            if number % ANEW == 0 or number == len(waiting):
                told = f"{number} of {len(waiting)} strikes, {run.page} pages in, {len(run.faults)} faults"
                print(f"{kind}: {told}", flush=True)
                span = run.undisturbed()
        rows = run.compare()
        _tell(run, rows, time.monotonic() - begun, len(waiting))
        return not run.faults


def _tell(run: Run, rows: int, seconds: float, struck: int) -> None:
    for fault in run.faults[:20]:
        print(f"  FAULT {fault}")
    stages = ", ".join(f"{run.struck[stage]} while {stage}" for stage in STAGES if run.struck[stage])
    verdict = (
        f"{len(run.faults)} FAULTS"
        if run.faults
        else f"0 lost, 0 twice; {rows:,} rows of {len(CONTENT) + 1} tables equal those of an undisturbed run"
    )
    print(f"{run.base.kind}: {struck} strikes ({stages}) in {seconds:.0f} s, seed {run.seed}: {verdict}", flush=True)


def main() -> None:
    """Strike as often as asked; end with 1 on any breach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="SIGKILLs on each database (default: 100)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=None, help="the same seed strikes after the same parts of a round")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    Labelling(config()).label([LabelInput(1, "read the models once, before any child")])
    kinds = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    if not all([chaos(kind, asked.kills, seed) for kind in kinds]):  # noqa: C419 - each of them, also after a fault
        raise SystemExit(1)


if __name__ == "__main__":
    main()
