"""Labels partitions on Spark: mapInArrow over the partitions' folders, one task each, the same function in each task.

The workers read and write the archive's folder themselves, so a cluster of several machines needs it on a shared disk,
under the same path, and buzzchart installed beside its Python. A task that is run again, because its worker died,
writes the same content under the same name.
"""

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.config import Config
from collector.errors import BuzzError, ConfigError, Fatal, InputError

LOCAL = "local[*]"
TASKS_A_WORKER = 8  # partitions differ in size: several small tasks even that out
LEAST_AT_ONCE = 64
SETTINGS = {"spark.ui.enabled": "false", "spark.log.level": "ERROR"}
STANDARD_ERROR = 2


class Spark:
    """A Spark application on a master such as local[2] or spark://host:7077, started by the first run."""

    def __init__(self, master: str | None = None) -> None:
        self._master = master or LOCAL
        check()

    def run(self, folders: Sequence[Path], config: Config) -> Iterator[Path]:
        """Label anew every partition that needs it, some at a time, so that what is done is told as it is done."""
        if not folders:
            return
        with _session(self._master) as session:
            at_once = max(LEAST_AT_ONCE, TASKS_A_WORKER * session.sparkContext.defaultParallelism)
            for start in range(0, len(folders), at_once):
                yield from _run(session, folders[start : start + at_once], config)


def check() -> None:
    """Raise ConfigError naming what is missing: the extra, or Java."""
    try:
        import pyspark  # noqa: F401, PLC0415 - an extra; 400 MB that few need
    except ModuleNotFoundError as fault:
        raise ConfigError("the engine spark needs the extra: pip install 'buzzchart[spark]'") from fault
    home = os.environ.get("JAVA_HOME")
    if not (Path(home, "bin", "java").exists() if home else shutil.which("java")):
        raise ConfigError("the engine spark needs Java 17 or newer: install openjdk-17-jre-headless, or set JAVA_HOME")


def _run(session: Any, folders: Sequence[Path], config: Config) -> Iterator[Path]:  # noqa: ANN401 - Spark is an extra
    work = _work([str(folder) for folder in folders], config.model_dump_json())
    numbers = session.range(0, len(folders), 1, numPartitions=len(folders))
    with warnings.catch_warnings(action="ignore"):  # as in _session
        told = numbers.mapInArrow(work, "number long, fault string").collect()
    for row in told:
        if row.fault:
            raise InputError(row.fault)
        yield folders[row.number]


def _work(folders: Sequence[str], config: str) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return what each task does with the numbers of its partitions; the workers get it as it stands here."""

    def work(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415 - runs in the worker

        from analysis.partition_labels import relabel_partition  # noqa: PLC0415 - as above

        for batch in batches:
            numbers = batch.column(0).to_pylist()
            faults: list[str | None] = []
            for number in numbers:
                try:
                    relabel_partition(Path(folders[number]), Config.model_validate_json(config))
                    faults.append(None)
                except (BuzzError, OSError) as fault:
                    faults.append(str(fault))
            columns = [pa.array(numbers, pa.int64()), pa.array(faults, pa.string())]
            yield pa.RecordBatch.from_arrays(columns, names=["number", "fault"])

    return work


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """Start Spark and stop it afterwards. Raises Fatal when the master cannot be reached."""
    with warnings.catch_warnings(action="ignore"):  # pandas 3 is new to PySpark; nothing of pandas is used here
        from py4j.protocol import Py4JError  # noqa: PLC0415 - comes with the extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        with _java_talks_elsewhere(), warnings.catch_warnings(action="ignore"):
            session = _start(master)
    except (Py4JError, PySparkException, OSError) as fault:
        raise Fatal(f"no Spark master answers at {master}: start it, or name another with --master") from fault
    try:
        yield session
    except (Py4JError, PySparkException, ConnectionError) as fault:
        said = next((line.strip() for line in str(fault).splitlines() if "Error" in line or "Exception" in line), "")
        raise Fatal(
            f"Spark at {master} gave up ({said[:300] or type(fault).__name__}): "
            "what is done is kept; look at its workers, then run the same command again"
        ) from fault
    finally:
        session.stop()


def _start(master: str) -> Any:  # noqa: ANN401 - as above
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    # the workers run the Python that runs us; on other machines the environment may name another
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master).appName("buzz relabel")
    for name, value in (SETTINGS | _addresses(master)).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@contextmanager
def _java_talks_elsewhere() -> Iterator[None]:
    """Give the Java process that is started here a standard error of its own: it fills screens with warnings."""
    sys.stderr.flush()
    ours = os.dup(STANDARD_ERROR)
    try:
        with tempfile.TemporaryFile() as elsewhere:
            os.dup2(elsewhere.fileno(), STANDARD_ERROR)
        yield
    finally:
        os.dup2(ours, STANDARD_ERROR)
        os.close(ours)


def _addresses(master: str) -> dict[str, str]:
    """Keep to the loopback where the master is on this machine."""
    here = master.startswith(("local", "spark://127.0.0.1:", "spark://localhost:"))
    return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} if here else {}
