"""The archive holds what the database held, and dropping, late posts and deletions leave the totals exact."""

import random
import shutil
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from archiving import count, totals
from filelock import FileLock
from filling import NOON, Posted, fill

from analysis.archive.archiving import archive
from analysis.archive.files import Archive
from analysis.archive.format import read
from analysis.label import label_pending
from analysis.rollup import roll, verify
from collector import archived
from collector.clock import to_seconds
from collector.config import parse
from collector.errors import BusyError, InputError
from collector.records import Batch, MatchedPost
from collector.retention import release
from collector.source import PostDraft
from collector.store import Store
from collector.whole_posts import WholePost, days, stream

LATER = NOON + timedelta(days=30)
ROWS = ("post", "raw_post", "mention", "label", "post_topic")
POSTS = (
    Posted("I love it", sentiment="positive", topics=("ending", "acting"), author_key="a", native_id="1"),
    Posted(
        "so so", ("Squid Game", "Wednesday"), author_key="b", native_id="Ä2", hashtags=frozenset({"b", "A"}), likes=3
    ),
    Posted("no label yet", sentiment=None, author_key="a", native_id="3", at=NOON + timedelta(hours=1)),
    Posted("nobody scores this", sentiment="unscored", native_id="10", at=NOON + timedelta(days=1), sample=True),
    Posted("elsewhere", ("Wednesday",), platform="x/y", native_id="1", sentiment="negative"),
)


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Store:
    path = tmp_path / "one.db"
    shutil.copy(sqlite_template, path)
    return Store.open(f"sqlite:///{path}")


def _delete(store: Store, native_id: str, platform: str = "mastodon") -> None:
    store.save(Batch("toy", platform, deleted=[native_id]))


def _archived(folder: Path) -> dict[str, WholePost]:
    found = (read(partition.file()) for partition in Archive.open(folder).partitions())
    return {post.native_id: post for posts in found for post in posts}


def _files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.suffix in {".parquet", ".json"}}


def test_dropping_keeps_every_total_and_the_archive_holds_every_post(store: Store, tmp_path: Path) -> None:
    fill(store, *POSTS)
    before = totals(store)
    with store.reading() as connection:
        stored = {(day, post.native_id): post for day in days(connection) for post in stream(connection, day)}
    done = archive(store, tmp_path / "archive", LATER, drop=True)
    assert (done.written, done.unchanged, done.posts, done.dropped) == (3, 0, 5, 5)
    assert [count(store, table) for table in ROWS] == [0] * 5
    assert totals(store) == before
    assert verify(store) == []
    own = Archive.open(tmp_path / "archive")
    kept = {(part.day, post.native_id): post for part in own.partitions() for post in read(part.file())}
    assert kept == stored
    assert [path.name for path in sorted(own.folder.glob("platform=*/*"))] == [
        "day=2022-02-01",
        "day=2022-02-02",
        "day=2022-02-01",
    ]


def test_a_second_run_writes_nothing(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    archive(sqlite, tmp_path / "archive", LATER)
    before = _files(tmp_path / "archive")
    done = archive(sqlite, tmp_path / "archive", LATER)
    assert (done.written, done.unchanged) == (0, 3)
    assert _files(tmp_path / "archive") == before
    assert len(before) == 1 + 3 * 2


def test_a_day_that_is_not_over_stays_away(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    assert archive(sqlite, tmp_path / "archive", NOON + timedelta(days=1), drop=True).dropped == 4
    assert sorted(_archived(tmp_path / "archive")) == ["1", "3", "Ä2"]
    assert count(sqlite, "post") == 1


def test_marks_on_a_dropped_day_do_not_make_its_totals_zero(store: Store, tmp_path: Path) -> None:
    fill(store, *POSTS)
    before = totals(store)
    archive(store, tmp_path / "archive", LATER, drop=True)
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO dirty_hour SELECT DISTINCT title_id, hour FROM title_hour")
    assert roll(store) > 0
    assert totals(store) == before


def test_a_late_post_of_a_dropped_day_is_counted_once_the_archive_has_it(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    archive(sqlite, tmp_path / "archive", LATER, drop=True)
    before = totals(sqlite)
    fill(sqlite, Posted("late", sentiment="positive", native_id="2", author_key="a"), POSTS[0])
    assert totals(sqlite) == before
    done = archive(sqlite, tmp_path / "archive", LATER, drop=True)
    assert (done.written, done.dropped, count(sqlite, "post")) == (1, 2, 0)
    [day] = [row for row in totals(sqlite)["title_day"] if row[:2] == ("Squid Game", to_seconds(NOON) - 43200)]
    assert (day[3], day[-1]) == (4, 2)  # posts, authors: the known post and the known author are not counted twice


def test_what_the_platform_deletes_leaves_the_archive_too(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    _delete(sqlite, "3")
    assert _to_be_followed(sqlite) == 0  # there is no archive that could hold it
    archive(sqlite, tmp_path / "archive", LATER, drop=True)
    _delete(sqlite, "1")
    _delete(sqlite, "never seen")
    assert _to_be_followed(sqlite) == 2
    archive(sqlite, tmp_path / "archive", LATER)
    assert sorted(_archived(tmp_path / "archive")) == ["1", "10", "Ä2"]  # 1 is that of the other platform
    assert _to_be_followed(sqlite) == 0
    assert count(sqlite, "tombstone") == 3  # and none of them comes back
    assert [row[3] for row in totals(sqlite)["title_day"] if row[0] == "Squid Game"] == [1, 1]


def _to_be_followed(store: Store) -> int:
    with store.reading() as connection:
        return sum(map(len, archived.buried(connection).values()))


def test_a_mirrored_day_follows_the_database_down_to_nothing(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    archive(sqlite, tmp_path / "archive", LATER)
    _delete(sqlite, "10")
    archive(sqlite, tmp_path / "archive", LATER)
    assert "10" not in _archived(tmp_path / "archive")


def test_a_damaged_file_is_told_and_nothing_is_dropped(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, POSTS[0])
    archive(sqlite, tmp_path / "archive", LATER)
    [partition] = Archive.open(tmp_path / "archive").partitions()
    whole = partition.file().read_bytes()
    partition.file().write_bytes(whole[:200] + b"\0" * 50 + whole[250:])
    with pytest.raises(InputError):
        archive(sqlite, tmp_path / "archive", LATER, drop=True)
    assert count(sqlite, "post") == 1


def test_a_post_whose_time_was_not_believed_stays_known(sqlite: Store, tmp_path: Path) -> None:
    draft = PostDraft(platform="mastodon", native_id="7", created_at=LATER, text="from the future")
    ids = tuple(sqlite.title_ids(["Squid Game"]).values())
    post = MatchedPost(draft, ids, created_at=to_seconds(NOON), claimed_at=to_seconds(LATER))
    sqlite.save(Batch("toy", "mastodon", [post], collected_at=to_seconds(NOON)))
    roll(sqlite)
    before = totals(sqlite)
    assert archive(sqlite, tmp_path / "archive", LATER, drop=True).dropped == 0
    assert archive(sqlite, tmp_path / "archive", LATER, drop=True).written == 0
    assert (count(sqlite, "post"), totals(sqlite)) == (1, before)


def test_a_post_that_is_looked_after_stays_and_loses_its_words_in_the_archive_as_well(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    config = parse('[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n[sources.x]\nkeep_text = "7d"\n')
    draft = PostDraft("x", "7", NOON, "I love this show and its games #SquidGame")
    ids = tuple(store.title_ids(["Squid Game"]).values())
    store.save(Batch("x", "x", [MatchedPost(draft, ids, to_seconds(NOON))], collected_at=to_seconds(NOON), follow=True))
    fill(store, Posted("let go", platform="x", native_id="8"))
    label_pending(store, config, processes=1)
    roll(store)
    before = totals(store)
    assert archive(store, folder, LATER, drop=True).dropped == 1
    assert (count(store, "post"), totals(store)) == (1, before)
    assert _archived(folder)["7"].text == draft.text
    assert release(store, config, LATER).emptied == 1
    archive(store, folder, LATER, drop=True)
    roll(store)
    kept = _archived(folder)
    assert (kept["7"].text, kept["7"].sentiment, kept["8"].text) == ("", "positive", "let go")
    assert (count(store, "post"), totals(store)) == (0, before)
    assert verify(store) == []


def test_an_archive_belongs_to_one_database_and_to_one_run(
    sqlite: Store, sqlite_template: Path, tmp_path: Path
) -> None:
    fill(sqlite, *POSTS)
    folder = tmp_path / "archive"
    archive(sqlite, folder, LATER)
    shutil.copy(sqlite_template, tmp_path / "other.db")
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as other, pytest.raises(InputError, match="another database"):
        archive(other, folder, LATER)
    with FileLock(folder / ".lock"), pytest.raises(BusyError, match="let it finish"):
        archive(sqlite, folder, LATER)


def test_days_that_went_into_another_archive_are_left_to_that_one(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite, *POSTS)
    archive(sqlite, tmp_path / "one", LATER, drop=True)
    before = totals(sqlite)
    fill(sqlite, Posted("late", native_id="99"))
    done = archive(sqlite, tmp_path / "two", LATER, drop=True)
    assert (done.dropped, [told.partition(" (in")[0] for told in done.elsewhere]) == (0, ["mastodon 2022-02-01"])
    assert totals(sqlite) == before
    assert archive(sqlite, tmp_path / "one", LATER).elsewhere == ()
    assert "99" in _archived(tmp_path / "one")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda part: (part.folder / "manifest.json").write_bytes(b"{"), "cannot be read"),
        (lambda part: part.file().unlink(), "lost its file"),
        (lambda part: _newer(part.folder / "manifest.json"), "newer version"),
    ],
)
def test_a_spoilt_partition_is_told_in_words(sqlite: Store, tmp_path: Path, spoil: object, said: str) -> None:
    fill(sqlite, POSTS[0])
    archive(sqlite, tmp_path / "archive", LATER, drop=True)
    fill(sqlite, Posted("late"))
    [partition] = Archive.open(tmp_path / "archive").partitions()
    spoil(partition)  # type: ignore[operator]
    with pytest.raises(InputError, match=said):
        archive(sqlite, tmp_path / "archive", LATER)


def _newer(path: Path) -> None:
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "format": 2}))


def test_a_folder_of_other_files_is_refused_and_left_alone(sqlite: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        archive(sqlite, tmp_path / "mine", LATER)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_totals_are_those_of_a_store_that_never_dropped_anything(
    store: Store, sqlite_template: Path, tmp_path: Path
) -> None:
    """The same history twice, once with runs of the archive in between."""
    shutil.copy(sqlite_template, tmp_path / "plain.db")
    chance = random.Random(20220128)
    with Store.open(f"sqlite:///{tmp_path / 'plain.db'}") as plain:
        archive(store, tmp_path / "archive", LATER)
        left_ids = set(range(40))
        for step in range(8):
            ids = chance.sample(sorted(left_ids), 10)
            left_ids -= {*ids[7:]}  # what is deleted does not come back
            posts = [_seen(native_id, step, chance) for native_id in ids[:7]]
            for target in (plain, store):
                fill(target, *posts)
                target.save(Batch("toy", "mastodon", deleted=[str(native_id) for native_id in ids[7:]]))
            if chance.random() < 0.6:
                archive(store, tmp_path / "archive", LATER, drop=chance.random() < 0.7)
        for target in (plain, store):
            roll(target)
        archive(store, tmp_path / "archive", LATER, drop=True)
        assert count(store, "post") == 0
        assert totals(store) == totals(plain)
        with plain.reading() as connection:
            left = {post.native_id: post for day in days(connection) for post in stream(connection, day)}
        assert _archived(tmp_path / "archive") == left


def _seen(number: int, step: int, chance: random.Random) -> Posted:
    """A post as a platform shows it again and again: other counts, found by other titles, never another time."""
    return Posted(
        text=f"post {number}",
        titles=tuple(chance.sample(["Squid Game", "Wednesday"], chance.randint(1, 2))),
        at=NOON + timedelta(hours=3 * number),
        native_id=str(number),
        likes=step,
        sentiment=["positive", "neutral", "unscored"][number % 3],
        topics=("ending",) if number % 2 else (),
        author_key=f"author {number % 4}",
    )
