"""Labels the same archive in local processes and on a Spark cluster of a master and two workers, and compares all rows.

Master and workers are real processes on the loopback, out of the pyspark package; with --kill-worker one worker and
what it runs are killed when half of the partitions are done. Ends with 1 where a row or a total differs.
`python tests/chaos/spark_cluster.py --posts 100000 --kill-worker` (needs the extra spark and Java 17)
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import synthetic_archive
from archiving import totals

from analysis.archive.archiving import archive as run_archive
from analysis.archive.files import Archive, Manifest
from analysis.archive.format import prove
from analysis.engines import Engine
from analysis.engines.local import Local
from analysis.engines.spark import Spark
from analysis.labelling import Labelling
from analysis.relabel import relabel_archive
from collector import config as configs
from collector.clock import now
from collector.errors import BuzzError
from collector.store import Store

WORKERS = 2
PATIENCE = 120  # seconds for a master or a worker to start on a busy machine


class Side(NamedTuple):
    """One of the two archives that are compared, with its store."""

    folder: Path
    url: str


class Cluster(NamedTuple):
    """A running cluster: its address, and the processes of its workers."""

    master: str
    workers: list[subprocess.Popen[bytes]]


def main() -> None:
    """Label on both engines, compare, print; see --help."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000, help="how many invented posts the archive has")
    parser.add_argument("--kill-worker", action="store_true", help="kill one of the two workers in the middle")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="buzz-spark-") as folder:
        try:
            told = compare(Path(folder), asked.posts, kill=asked.kill_worker)
        except BuzzError as fault:
            raise SystemExit(f"{parser.prog}: {fault}") from fault
    print(json.dumps(told) if asked.json else "\n".join(f"{name:26} {value}" for name, value in told.items()))
    if not told["equal"]:
        raise SystemExit("the two engines differ")


def compare(folder: Path, posts: int, *, kill: bool) -> dict[str, object]:
    """Return both times and whether every row and every total is the same."""
    here, there = make(folder, posts)
    local = timed(lambda: label(here, Local(WORKERS)))
    with cluster(folder) as running:
        killer = Killer(there.folder, running.workers[0]) if kill else None
        if killer:
            killer.start()
        spark = timed(lambda: label(there, Spark(running.master)))
    rows, sums = manifests(here) == manifests(there), all_totals(here) == all_totals(there)
    return {
        "posts": posts,
        "partitions": len(manifests(here)),
        "local seconds": round(local, 1),
        "local posts a second": round(posts / local),
        "spark seconds": round(spark, 1),
        "spark posts a second": round(posts / spark),
        "worker killed at partition": killer.at if killer else "none",
        "same rows": rows,
        "same totals": sums,
        "nothing left to do": nothing_left(here) and nothing_left(there),
        "equal": rows and sums and nothing_left(there) and (killer is None or killer.at is not None),
    }


def make(folder: Path, posts: int) -> tuple[Side, Side]:
    """Make one archive with its store, and a copy of both."""
    sides = [Side(folder / name, f"sqlite:///{folder / name}.db") for name in ("local", "spark")]
    with Store.open(sides[0].url) as store:
        synthetic_archive.make(store, sides[0].folder, posts)
    shutil.copytree(sides[0].folder, sides[1].folder)
    shutil.copy(folder / "local.db", folder / "spark.db")
    return sides[0], sides[1]


def label(side: Side, engine: Engine) -> None:
    """Give an archive today's labels."""
    with Store.open(side.url) as store:
        relabel_archive(store, side.folder, configs.parse(configs.template()), engine)


def timed(work: Callable[[], None]) -> float:
    """Return how many seconds it took."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def manifests(side: Side) -> dict[str, Manifest]:
    """Return what each partition holds, by the digest of its rows, each file proven to hold it."""
    found = {}
    for partition in Archive.open(side.folder).partitions():
        manifest, proof = partition.manifest(), prove(partition.file())
        assert manifest is not None
        assert (proof.posts, proof.digest) == (manifest.posts, manifest.digest), partition
        found[str(partition)] = manifest
    return found


def all_totals(side: Side) -> dict[str, list[tuple[object, ...]]]:
    """Return every total of the store."""
    with Store.open(side.url) as store:
        return totals(store)


def nothing_left(side: Side) -> bool:
    """Tell whether all posts have today's labels and a run of the archive finds nothing to write."""
    versions = Labelling(configs.parse(configs.template())).versions
    with Store.open(side.url) as store:
        done = run_archive(store, side.folder, now())
    return done.written == 0 and all(found.is_labelled_by(versions) for found in manifests(side).values())


class Killer(threading.Thread):
    """Kills a worker, and with it what it runs, when half of the partitions are labelled."""

    def __init__(self, folder: Path, worker: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.at: int | None = None
        self._partitions = Archive.open(folder).partitions()
        self._worker = worker

    def run(self) -> None:
        """Watch the manifests."""
        while self.at is None:
            found = [partition.manifest() for partition in self._partitions]
            done = sum(1 for manifest in found if manifest is not None and manifest.labelled_by)
            if done >= len(found) // 2:
                os.killpg(self._worker.pid, signal.SIGKILL)
                self.at = done
            time.sleep(0.05)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a master and its workers, and end them, each with all that it has started."""
    import pyspark  # noqa: PLC0415 - an extra; its absence is told by the engine

    port, screen = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    home = Path(pyspark.__file__).parent
    (folder / "work").mkdir()
    surroundings = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }
    at = ("--host", "127.0.0.1")
    running: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        command = [home / "bin" / "spark-class", *words]
        with (folder / "cluster.log").open("ab") as log:
            running.append(subprocess.Popen(command, env=surroundings, stdout=log, stderr=log, start_new_session=True))

    try:
        start("org.apache.spark.deploy.master.Master", *at, "--port", str(port), "--webui-port", str(screen))
        wait_for(screen, 0)
        for _ in range(WORKERS):
            start(
                "org.apache.spark.deploy.worker.Worker",
                *at,
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                "0",
                master,
            )
        wait_for(screen, WORKERS)
        yield Cluster(master, running[1:])
    finally:
        for process in reversed(running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(screen: int, workers: int) -> None:
    """Wait until the master answers and this many workers are there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{screen}/json/", timeout=5) as answer:
                if json.load(answer)["aliveworkers"] >= workers:
                    return
        except (OSError, ValueError):
            pass  # it is still starting
        time.sleep(0.2)
    raise SystemExit(f"Spark's master or its workers did not start within {PATIENCE} seconds")


def free_port() -> int:
    """Return a port of the loopback that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    main()
