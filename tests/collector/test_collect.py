"""One pass: what matched is saved page by page; times, hashtags and faults are treated as they should."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select

from collector import models
from collector.author import AuthorKeys
from collector.clock import to_seconds
from collector.collect import Origin, Saver, collect, filed_at, watch_of
from collector.config import TitleSettings
from collector.errors import RetryLater, SkipItem
from collector.models import Covered, Post, RawPost, table
from collector.records import Counts
from collector.source import Coverage, Cursor, JsonObject, Kind, Page, PlatformCount, PostDraft, SourceSettings, Watch
from collector.store import Store

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SQUID = TitleSettings(name="Squid Game", hashtags=("SquidGame", "오징어게임"), phrases=("Squid Game",))
HELL = TitleSettings(name="Hellbound", hashtags=("Hellbound", "SquidGame"))
KEYS = AuthorKeys(b"a secret for tests")


class Toy:
    """A source by hand: yields what it is given, and a fault at the end if there is one."""

    name: ClassVar[str] = "toy"
    platform: ClassVar[str] = "toy"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(days=1)
    Settings: ClassVar[type[SourceSettings]] = SourceSettings

    def __init__(self, pages: list[Page], fault: Exception | None = None) -> None:
        self.pages = pages
        self.fault = fault
        self.asked: list[tuple[Watch, Cursor]] = []

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        self.asked.append((watch, cursor))
        yield from self.pages
        if self.fault:
            raise self.fault

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        if "text" not in item:
            raise SkipItem("text is missing")
        return PostDraft(
            platform="toy",
            native_id=str(item["id"]),
            created_at=item.get("at", SEEN),
            text=item["text"],
            author=item.get("author"),
            seen_at=item.get("seen"),
        )


def saver(store: Store, *titles: TitleSettings) -> Saver:
    return Saver(store, titles or (SQUID,), KEYS, clock=lambda: SEEN)


def stored(store: Store, *columns: str) -> list[tuple[object, ...]]:
    of = table(Post)
    with store.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*(of.c[name] for name in columns))))


def test_only_what_speaks_of_a_watched_title_is_kept(store: Store) -> None:
    items = [{"id": 1, "text": "#squidgame!"}, {"id": 2, "text": "weather"}, {"id": 3}]
    counts = collect(saver(store), Toy([Page("all", items)]))
    assert counts == Counts(read=3, stored=1, known=0, skipped=1, matched=1)
    assert stored(store, "native_id") == [("1",)]


def test_a_page_of_one_title_speaks_for_that_title_and_brings_its_figures(store: Store) -> None:
    told = PlatformCount("Hellbound", "ko", SEEN, timedelta(hours=1), 12)
    page = Page("counts", title="Hellbound", since=SEEN, until=SEEN + timedelta(hours=1), counts=[told])
    collect(saver(store, SQUID, HELL), Toy([page]))
    ids = store.title_ids(["Hellbound"])
    with store.reading() as connection:
        assert connection.execute(select(table(Covered).c.title_id)).all() == [(ids["Hellbound"],)]
        counts = table(models.PlatformCount).c
        found = connection.execute(select(counts.source, counts.title_id, counts.start, counts.length, counts.amount))
        assert found.all() == [("toy", ids["Hellbound"], to_seconds(SEEN), 3600, 12)]


def test_an_author_who_is_gone_takes_all_posts_along(store: Store) -> None:
    items = [{"id": number, "text": "#squidgame", "author": author} for number, author in enumerate("aab")]
    collect(saver(store), Toy([Page("all", items), Page("all", gone_authors={"a": None, "nobody": None})]))
    assert stored(store, "native_id") == [("2",)]


def test_a_time_is_believed_by_when_the_platform_saw_the_post(store: Store) -> None:
    early = SEEN - timedelta(hours=40)
    items = [
        {"id": 1, "text": "#squidgame", "at": early - timedelta(hours=20), "seen": early},
        {"id": 2, "text": "#squidgame", "at": early - timedelta(days=90), "seen": early},
    ]
    collect(saver(store), Toy([Page("all", items)]))
    assert stored(store, "native_id", "created_at", "claimed_at") == [
        ("1", to_seconds(early - timedelta(hours=20)), None),
        ("2", to_seconds(early), to_seconds(early - timedelta(days=90))),
    ]


def test_half_characters_and_control_characters_are_left_out_of_what_is_stored(store: Store) -> None:
    items = [{"id": 1, "text": "a\ud800b\x00c\x1b[31m #squidgame\u202e!"}, {"id": 2, "text": "#squidgame"}]
    assert collect(saver(store), Toy([Page("all", items)])).stored == 2
    [(kept,), _] = stored(store, "text")
    assert isinstance(kept, str)
    assert not {"\ud800", "\x00", "\x1b"} & {*kept}
    assert "#squidgame" in kept


def test_keep_all_stores_the_others_as_well_but_without_their_raw_payload(store: Store) -> None:
    origin = Origin("archive", "toy", Toy.parse, keep_all=True)
    page = Page("file", [{"id": 1, "text": "#squidgame"}, {"id": 2, "text": "weather"}])
    assert saver(store).save(origin, page).stored == 2
    with store.reading() as connection:
        assert len(connection.execute(select(table(RawPost).c.post_id)).all()) == 1


def test_posts_of_no_watched_title_are_not_read_whole_where_a_glance_tells(store: Store) -> None:
    read: list[object] = []

    def parse(item: JsonObject) -> PostDraft:
        read.append(item["id"])
        return Toy.parse(item)

    def glance(item: JsonObject) -> tuple[str, list[str]] | None:
        return (item["text"], []) if item.get("text") else None

    items = [{"id": 1, "text": "#squidgame"}, {"id": 2, "text": "weather"}, {"id": 3}, {"id": 4, "text": ""}]
    counts = saver(store).save(Origin("toy", "toy", parse, glance), Page("all", items))
    assert counts == Counts(read=4, stored=1, known=0, skipped=1, matched=1)
    assert read == [1, 3, 4]
    assert saver(store).save(Origin("toy", "toy", parse, glance, keep_all=True), Page("all", items)).stored == 2


def test_the_author_is_kept_as_a_keyed_hash_only(store: Store) -> None:
    item = {"id": 1, "text": "#squidgame", "author": "someone", "account": {"acct": "someone", "id": "9"}}
    collect(saver(store), Toy([Page("all", [item])]))
    [(key,)] = stored(store, "author_key")
    assert key == KEYS.key("toy", "someone")
    with store.reading() as connection:
        assert "account" not in connection.execute(select(table(RawPost).c.payload)).scalar_one()


def test_what_came_before_a_fault_stays_and_the_next_pass_goes_on_from_there(store: Store) -> None:
    until = SEEN + timedelta(minutes=5)
    first = Toy([Page("all", [{"id": 1, "text": "#squidgame"}], cursor={"all": "1"})], RetryLater("wait", until=until))
    with pytest.raises(RetryLater):
        collect(saver(store), first)
    second = Toy([])
    collect(saver(store), second)
    assert stored(store, "native_id") == [("1",)]
    assert second.asked[0][1].get("all") == "1"


def test_coverage_is_credited_to_the_titles_of_the_hashtag(store: Store) -> None:
    window = {"since": SEEN - timedelta(hours=1), "until": SEEN}
    pages = [Page("a", hashtag="오징어게임", **window), Page("b", hashtag="hellbound", **window), Page("c", **window)]
    collect(saver(store, SQUID, HELL), Toy(pages))
    ids = store.title_ids(["Squid Game", "Hellbound"])
    of = table(Covered)
    with store.reading() as connection:
        found = {tuple(row) for row in connection.execute(select(of.c.target, of.c.title_id))}
    assert found == {
        ("a", ids["Squid Game"]),
        ("b", ids["Hellbound"]),
        ("c", ids["Squid Game"]),
        ("c", ids["Hellbound"]),
    }


def test_a_target_that_is_not_offered_is_noted_and_covers_nothing(store: Store) -> None:
    collect(saver(store), Toy([Page.not_covered("a", reason="closed")]))
    with store.reading() as connection:
        assert connection.execute(select(table(Covered).c.id)).all() == []
    assert Page.not_covered("a", reason="closed").coverage is Coverage.NOT_COVERED


def test_a_fault_that_concerns_every_hashtag_is_told_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    pages = [Page.not_covered(f"a.example #{tag}", reason="a.example is closed") for tag in ("one", "two", "three")]
    collect(saver(store), Toy([*pages, Page.not_covered("b.example #one", reason="b.example is closed")]))
    assert [record.getMessage() for record in caplog.records] == [
        "toy: a.example is closed",
        "toy: b.example is closed",
    ]


@pytest.mark.parametrize(
    ("created", "filed", "claimed"),
    [
        (SEEN - timedelta(hours=23), SEEN - timedelta(hours=23), None),
        (SEEN + timedelta(minutes=4), SEEN + timedelta(minutes=4), None),
        (SEEN + timedelta(minutes=6), SEEN, SEEN + timedelta(minutes=6)),
        (SEEN - timedelta(days=2), SEEN, SEEN - timedelta(days=2)),
    ],
)
def test_a_live_sources_times_are_believed_within_reason(
    created: datetime, filed: datetime, claimed: datetime | None
) -> None:
    wanted = to_seconds(filed), to_seconds(claimed) if claimed else None
    assert filed_at(created, SEEN, timedelta(days=1)) == wanted


def test_an_archives_times_are_trusted() -> None:
    long_ago = datetime(2009, 1, 1, tzinfo=UTC)
    assert filed_at(long_ago, SEEN, None) == (to_seconds(long_ago), None)


def test_hashtags_are_asked_for_once_each() -> None:
    assert watch_of([SQUID, HELL]).hashtags == ("squidgame", "오징어게임", "hellbound")
