"""Re-labelling an archive gives what labelling the store gives, goes on where it stopped, and needs its extra."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from archiving import count, totals
from filling import NOON, Posted, fill

from analysis import relabel
from analysis.archive.archiving import archive
from analysis.archive.files import Archive
from analysis.archive.format import read
from analysis.engines import local, spark
from analysis.engines.local import Local
from analysis.partition_labels import relabel_partition
from collector import config as configs
from collector.config import Config
from collector.errors import ConfigError, Fatal, InputError
from collector.store import Store
from collector.whole_posts import WholePost, days, stream

LATER = NOON + timedelta(days=30)
TEXTS = (
    "I love Squid Game",
    "the ending of Wednesday was terrible",
    "오징어 게임 진짜 재밌다",
    "what a great soundtrack",
    "hm",
)
POSTS = [
    Posted(
        text=TEXTS[number % 5],
        titles=("Squid Game", "Wednesday")[: 1 + number % 2],
        at=NOON + timedelta(hours=9 * number),
        native_id=str(number),
        sentiment=None if number % 3 else "neutral",
        topics=() if number % 3 else ("an old topic",),
    )
    for number in range(12)
]


@pytest.fixture(scope="module")
def config() -> Config:
    return configs.parse(configs.template())


@pytest.fixture
def stores(sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores with the same posts, some with labels of another labeller, some with none."""
    paths = [tmp_path / "one.db", tmp_path / "two.db"]
    shutil.copy(sqlite_template, paths[0])
    with Store.open(f"sqlite:///{paths[0]}") as one:
        fill(one, *POSTS)
    shutil.copy(paths[0], paths[1])
    with Store.open(f"sqlite:///{paths[0]}") as one, Store.open(f"sqlite:///{paths[1]}") as two:
        yield one, two


class Counting:
    """An engine that notes what it is given, and may stop in the middle."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.asked: list[str] = []
        self._stop_after = stop_after

    def run(self, folders: Sequence[Path], config: Config) -> Iterator[Path]:
        for folder in folders:
            if len(self.asked) == self._stop_after:
                raise Fatal("the power went")
            self.asked.append(folder.name)
            relabel_partition(folder, config)
            yield folder


def _archived(folder: Path) -> list[WholePost]:
    return [post for part in Archive.open(folder).partitions() for post in read(part.file())]


def _stored(store: Store) -> list[WholePost]:
    with store.reading() as connection:
        return [post for day in days(connection) for post in stream(connection, day)]


def test_an_archive_gets_the_labels_and_totals_that_the_store_would_get(
    stores: tuple[Store, Store], config: Config, tmp_path: Path
) -> None:
    plain, dropping = stores
    assert relabel.relabel_store(plain, config).posts == len(POSTS)
    archive(dropping, tmp_path / "archive", LATER, drop=True)
    done = relabel.relabel_archive(dropping, tmp_path / "archive", config, Local(1))
    assert (done.partitions, done.skipped, done.posts) == (5, 0, 0)
    assert _archived(tmp_path / "archive") == _stored(plain)
    assert totals(dropping) == totals(plain)
    assert {post.sentiment for post in _stored(plain)} == {"positive", "negative", "unscored"}


def test_a_run_that_was_broken_off_goes_on_where_it_stopped(
    stores: tuple[Store, Store], config: Config, tmp_path: Path
) -> None:
    plain, dropping = stores
    archive(dropping, tmp_path / "archive", LATER, drop=True)
    first, second = Counting(stop_after=2), Counting()
    with pytest.raises(Fatal, match="power"):
        relabel.relabel_archive(dropping, tmp_path / "archive", config, first)
    # a worker may also end after it wrote its partition and before its totals were taken in
    relabel_partition(Archive.open(tmp_path / "archive").partitions()[2].folder, config)
    done = relabel.relabel_archive(dropping, tmp_path / "archive", config, second)
    assert (first.asked, second.asked, done.skipped) == (
        ["day=2022-02-01", "day=2022-02-02"],
        ["day=2022-02-04", "day=2022-02-05"],
        3,
    )
    relabel.relabel_store(plain, config)
    assert totals(dropping) == totals(plain)


def test_posts_that_are_still_in_the_store_get_the_labels_of_their_archived_selves(
    stores: tuple[Store, Store], config: Config, tmp_path: Path
) -> None:
    plain, mirrored = stores
    archive(mirrored, tmp_path / "archive", LATER)
    done = relabel.relabel_archive(mirrored, tmp_path / "archive", config, Counting())
    relabel.relabel_store(plain, config)
    assert done.posts == len(POSTS)
    assert _stored(mirrored) == _stored(plain)
    assert totals(mirrored) == totals(plain)
    assert archive(mirrored, tmp_path / "archive", LATER).written == 0


def test_an_engine_that_reads_partitions_labels_the_store_by_way_of_a_passing_archive(
    stores: tuple[Store, Store], config: Config
) -> None:
    plain, other = stores
    assert relabel.relabel_store_on(other, config, Counting()).posts == len(POSTS)
    relabel.relabel_store(plain, config)
    assert _stored(other) == _stored(plain)
    assert relabel.relabel_store_on(other, config, Counting()).partitions == 0
    assert count(other, "cursor_value") == 0


def test_a_damaged_partition_is_told_by_its_name(stores: tuple[Store, Store], config: Config, tmp_path: Path) -> None:
    archive(stores[0], tmp_path / "archive", LATER, drop=True)
    partition = Archive.open(tmp_path / "archive").partitions()[0]
    partition.file().write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(InputError, match=r"day=2022-02-01.*is damaged"):
        relabel.relabel_archive(stores[0], tmp_path / "archive", config, Local(1))


def test_a_folder_without_an_archive_is_told(stores: tuple[Store, Store], config: Config, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="buzz archive"):
        relabel.relabel_archive(stores[0], tmp_path / "none", config, Local(1))


# --- engines


def test_a_killed_process_takes_nothing_with_it_and_fruitless_kills_end_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, config: Config, tmp_path: Path
) -> None:
    def killed_after(done: int) -> None:
        def run_once(self: Local, folders: Sequence[Path], config: Config) -> Iterator[Path]:
            yield from folders[:done]
            raise local.BrokenProcessPool

        monkeypatch.setattr(Local, "_run_once", run_once)

    folders = [tmp_path / str(number) for number in range(5)]
    killed_after(1)
    assert list(Local(2).run(folders, config)) == folders
    killed_after(0)
    with pytest.raises(Fatal, match="fewer --workers"):
        list(Local(2).run(folders, config))


def test_a_spark_task_does_the_same_work_and_tells_its_faults(
    stores: tuple[Store, Store], config: Config, tmp_path: Path
) -> None:
    archive(stores[0], tmp_path / "archive", LATER, drop=True)
    folders = [str(part.folder) for part in Archive.open(tmp_path / "archive").partitions()]
    Path(folders[1], "manifest.json").write_text("{")
    task = spark._work(folders, config.model_dump_json())
    batches = [pa.RecordBatch.from_pydict({"id": [0]}), pa.RecordBatch.from_pydict({"id": [1]})]
    [fine], [faulty] = (batch.to_pylist() for batch in task(batches))
    assert fine == {"number": 0, "fault": None}
    assert faulty["number"] == 1
    assert "manifest.json cannot be read" in faulty["fault"]
    assert all(post.sentiment_by for post in read(next(Path(folders[0]).glob("*.parquet"))))


def test_spark_without_its_extra_or_java_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ConfigError, match=r"buzzchart\[spark\]"):
        spark.Spark()
    monkeypatch.setitem(sys.modules, "pyspark", sys)  # there, whatever it is
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="openjdk-17-jre-headless"):
        spark.Spark("local[1]")
