"""The store: a page goes in whole, once, and what the platform changes or deletes is followed. On both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from collector.clock import from_seconds, hour_of, to_seconds
from collector.errors import StoreError
from collector.models import Covered, DirtyHour, Label, Ledger, Mention, PlatformCount, Post, PostTopic, RawPost, table
from collector.ranking import RankDraft
from collector.records import Batch, Counts, LedgerEntry, MatchedPost, PostLabels, RankCounts, TitleCount
from collector.source import Coverage, PostDraft
from collector.store import Store

NOON = datetime(2022, 1, 28, 12, 30, tzinfo=UTC)


def post(native_id: str, *titles: int, at: datetime = NOON, raw: str | None = None, **told: object) -> MatchedPost:
    draft = PostDraft(
        platform="mastodon", native_id=native_id, created_at=at, **({"text": f"text of {native_id}"} | told)
    )
    return MatchedPost(draft=draft, titles=titles, created_at=to_seconds(at), raw=raw)


def batch(*posts: MatchedPost, **told: object) -> Batch:
    return Batch(source="mastodon", platform="mastodon", posts=posts, **({"collected_at": to_seconds(NOON)} | told))


def rows(store: Store, model: type, *columns: str) -> list[tuple[object, ...]]:
    of = table(model)
    with store.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*(of.c[name] for name in columns))))


def count(store: Store, model: type) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table(model))).scalar_one()


def clean_marks(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(table(DirtyHour).delete())


def test_a_page_saved_twice_is_stored_once(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    page = batch(post("1", title, raw="{}"), post("2", title), post("3"))
    assert store.save(page) == Counts(stored=3)
    assert store.save(page) == Counts(known=3)
    assert count(store, Post) == 3
    assert count(store, RawPost) == 1
    assert len(rows(store, Mention, "post_id")) == 2


def test_a_post_twice_in_one_page_is_stored_once_and_known_once(store: Store) -> None:
    assert store.save(batch(post("1"), post("1"))) == Counts(stored=1, known=1)


def test_the_same_id_on_two_platforms_is_two_posts(store: Store) -> None:
    store.save(batch(post("1")))
    draft = PostDraft(platform="x", native_id="1", created_at=NOON, text="other")
    saved = store.save(Batch(source="x", platform="x", posts=[MatchedPost(draft, (), to_seconds(NOON))]))
    assert saved.stored == 1


def test_every_mention_marks_its_hour(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(post("1", title), post("2", title, at=NOON + timedelta(hours=3))))
    hours = [hour_of(to_seconds(NOON)), hour_of(to_seconds(NOON)) + 3 * 3600]
    assert rows(store, DirtyHour, "title_id", "hour") == [(title, hour) for hour in hours]


def test_a_known_post_gains_the_mention_of_a_title_watched_since(store: Store) -> None:
    ids = store.title_ids(["Squid Game", "Hellbound"])
    store.save(batch(post("1", ids["Squid Game"])))
    clean_marks(store)
    store.save(batch(post("1", ids["Squid Game"], ids["Hellbound"])))
    assert rows(store, Mention, "title_id") == [(ids["Squid Game"],), (ids["Hellbound"],)]
    assert rows(store, DirtyHour, "title_id") == [(ids["Hellbound"],)]


def test_counts_are_followed_and_missing_ones_do_not_erase(store: Store) -> None:
    store.save(batch(post("1", likes=1, reposts=2)))
    store.save(batch(post("1", likes=5)))
    assert rows(store, Post, "likes", "reposts") == [(5, 2)]


def test_known_posts_of_one_page_change_each_in_its_own_way(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(*(post(str(number), title, likes=1, replies=1) for number in range(5))))
    later = NOON + timedelta(hours=1)
    counts = store.save(
        batch(
            post("0", title, likes=1),
            post("1", title, likes=7),
            post("2", title, reposts=3, replies=0),
            post("3", text="edited", likes=9, edited_at=later),
            post("4", title, text="edited too", edited_at=later),
            post("5", title),
        )
    )
    assert counts == Counts(stored=1, known=5)
    assert rows(store, Post, "native_id", "likes", "reposts", "replies", "text") == [
        ("0", 1, None, 1, "text of 0"),
        ("1", 7, None, 1, "text of 1"),
        ("2", 1, 3, 0, "text of 2"),
        ("3", 9, None, 1, "edited"),
        ("4", 1, None, 1, "edited too"),
        ("5", None, None, None, "text of 5"),
    ]
    assert len(rows(store, Mention, "post_id")) == 5


def test_an_edit_replaces_text_labels_and_mentions(store: Store) -> None:
    ids = store.title_ids(["Squid Game", "Hellbound"])
    store.save(batch(post("1", ids["Squid Game"])))
    [(number,)] = rows(store, Post, "id")
    store.save_labels([labels(number, topics=("acting",))])
    clean_marks(store)
    store.save(batch(post("1", ids["Hellbound"], text="now another", edited_at=NOON + timedelta(hours=1))))
    assert rows(store, Post, "text") == [("now another",)]
    assert rows(store, Mention, "title_id") == [(ids["Hellbound"],)]
    assert count(store, Label) == count(store, PostTopic) == 0
    assert rows(store, DirtyHour, "title_id") == [(ids["Squid Game"],), (ids["Hellbound"],)]


def test_an_older_text_does_not_replace_an_edited_one(store: Store) -> None:
    store.save(batch(post("1", text="edited", edited_at=NOON)))
    store.save(batch(post("1", text="first")))
    store.save(batch(post("1", text="older edit", edited_at=NOON - timedelta(hours=1))))
    assert rows(store, Post, "text") == [("edited",)]


def test_what_the_platform_deletes_goes_with_everything_about_it(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(post("1", title, raw="{}"), post("2", title)))
    numbers = [number for (number,) in rows(store, Post, "id")]
    store.save_labels([labels(number, topics=("acting",)) for number in numbers])
    clean_marks(store)
    store.save(batch(deleted=["1", "never seen"]))
    assert rows(store, Post, "native_id") == [("2",)]
    assert [count(store, model) for model in (RawPost, Mention, Label, PostTopic)] == [0, 1, 1, 1]
    assert count(store, DirtyHour) == 1


def test_cursor_and_posts_go_in_together_or_not_at_all(store: Store) -> None:
    store.save(batch(post("1"), cursor={"a #tag": "7"}))
    broken = MatchedPost(PostDraft("mastodon", "2", NOON, "x"), titles=(999_999,), created_at=to_seconds(NOON))
    with pytest.raises(StoreError):
        store.save(batch(post("3"), broken, cursor={"a #tag": "9"}))
    assert rows(store, Post, "native_id") == [("1",)]
    assert store.cursor("mastodon").get("a", "#tag") == "7"


def test_a_cursor_value_is_replaced_and_forgotten(store: Store) -> None:
    store.remember("x", {"a": "1", "b": "2"})
    store.remember("x", {"a": "3", "b": None})
    assert store.cursor("x").values == {"a": "3"}
    assert store.cursor("mastodon").values == {}


def entry(since: int, until: int, *titles: int, coverage: Coverage = Coverage.COVERED) -> LedgerEntry:
    return LedgerEntry(target="a #tag", coverage=coverage, since=since, until=until, titles=titles)


def test_windows_that_touch_become_one_and_a_gap_stays_a_gap(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    for since, until in ((100, 200), (200, 300), (500, 600), (290, 310)):
        store.save(batch(ledger=entry(since, until, title)))
    assert rows(store, Covered, "since", "until") == [(100, 310), (500, 600)]
    store.save(batch(ledger=entry(300, 500, title)))
    assert rows(store, Covered, "since", "until") == [(100, 600)]
    assert count(store, Ledger) == 5


def test_a_page_that_speaks_for_many_titles_is_credited_to_each_as_it_needs(store: Store) -> None:
    ids = store.title_ids(["One", "Two", "Three"])
    one, two, three = sorted(ids.values())
    store.save(batch(ledger=entry(100, 200, one)))
    store.save(batch(ledger=entry(300, 400, one, two)))
    store.save(batch(ledger=entry(200, 300, one, two, three)))
    store.save(batch(ledger=entry(250, 280, one, two, three)))
    assert rows(store, Covered, "title_id", "since", "until") == [(one, 100, 400), (two, 200, 400), (three, 200, 300)]


def test_partial_and_full_coverage_are_kept_apart(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(ledger=entry(100, 200, title)))
    store.save(batch(ledger=entry(150, 250, title, coverage=Coverage.PARTIAL)))
    assert rows(store, Covered, "coverage", "since", "until") == [("covered", 100, 200), ("partial", 150, 250)]


def test_the_ledger_says_what_became_of_a_page(store: Store) -> None:
    counts = Counts(read=5, skipped=1, matched=2)
    assert store.save(batch(post("1"), post("2"), counts=counts, ledger=entry(1, 2))) == Counts(5, 2, 0, 1, 2)
    assert rows(store, Ledger, "target", "read", "stored", "known", "skipped", "matched") == [("a #tag", 5, 2, 0, 1, 2)]


def labels(number: int, topics: tuple[str, ...] = (), sentiment: str = "positive") -> PostLabels:
    return PostLabels(number, "en", "language/1", sentiment, 0.5, 0.25, "sentiment/1", topics, "topics/1")


def test_labels_are_replaced_with_their_topics_and_mark_the_hour(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(post("1", title)))
    [(number,)] = rows(store, Post, "id")
    store.save_labels([labels(number, topics=("acting", "ending"))])
    clean_marks(store)
    store.save_labels([labels(number, topics=("music",), sentiment="neutral")])
    assert rows(store, Label, "sentiment", "score", "raw_score") == [("neutral", 0.5, 0.25)]
    ids = store.topic_ids(["acting", "ending", "music"])
    assert rows(store, PostTopic, "topic_id") == [(ids["music"],)]
    assert count(store, DirtyHour) == 1


def test_what_was_deleted_does_not_come_back(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(post("1", title), post("2", title)))
    store.save(batch(deleted=["1", "never seen"]))
    assert store.save(batch(post("1", title), post("2", title), post("never seen"))) == Counts(stored=1, known=2)
    assert rows(store, Post, "native_id") == [("2",), ("never seen",)]
    other = MatchedPost(PostDraft(platform="x", native_id="1", created_at=NOON, text="other"), (), to_seconds(NOON))
    assert store.save(Batch(source="x", platform="x", posts=[other])).stored == 1


def test_with_an_author_go_all_posts_of_one_platform(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    theirs = [post(number, title)._replace(author_key="a" * 16) for number in ("1", "2")]
    store.save(batch(*theirs, post("3", title)._replace(author_key="b" * 16), post("4", title)))
    clean_marks(store)
    store.save(batch(gone_authors={"a" * 16: None, "c" * 16: None}))
    assert rows(store, Post, "native_id") == [("3",), ("4",)]
    assert rows(store, DirtyHour, "title_id", "hour") == [(title, hour_of(to_seconds(NOON)))]
    store.save(Batch(source="x", platform="x", gone_authors={"b" * 16: None}))
    assert count(store, Post) == 2


def test_a_figure_that_is_told_again_replaces_the_older(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    told = TitleCount(title, "ko", to_seconds(NOON), 3600, 5)
    store.save(batch(platform_counts=[told, told._replace(part="en", amount=2**40)]))
    store.save(batch(platform_counts=[told, told._replace(amount=6)]))
    assert rows(store, PlatformCount, "source", "part", "length", "amount") == [
        ("mastodon", "en", 3600, 2**40),
        ("mastodon", "ko", 3600, 6),
    ]


def test_labels_of_a_post_that_was_edited_or_deleted_meanwhile_are_left_out(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    store.save(batch(post("1", title), post("2", title), post("3", title)))
    numbers = [number for (number,) in rows(store, Post, "id")]
    store.save(batch(post("2", title, text="edited", edited_at=NOON), deleted=["1"]))
    store.save_labels([labels(number, topics=("acting",)) for number in numbers])
    assert rows(store, Label, "post_id") == [(numbers[2],)]
    assert rows(store, PostTopic, "post_id") == [(numbers[2],)]


def test_a_ranking_row_is_stored_once_and_revised_in_place(store: Store) -> None:
    row = RankDraft("netflix", "week", NOON.date(), "KR", "TV", "All of Us Are Dead", rank=1)
    other = RankDraft("netflix", "week", NOON.date(), "KR", "TV", "Hellbound", rank=1)
    assert store.save_ranks("netflix", "a.tsv", [row], {"etag": "1"}) == RankCounts(read=1, stored=1)
    assert store.save_ranks("netflix", "a.tsv", [row]) == RankCounts(read=1, unchanged=1)
    assert store.save_ranks("netflix", "a.tsv", [other]) == RankCounts(read=1, revised=1)
    assert store.cursor("netflix").values == {"etag": "1"}


def test_text_that_looks_like_the_databases_own_signs_is_stored_as_it_is(store: Store) -> None:
    texts = ["\\N", "a\tb\nc\\.", "{1,NULL}", "\\", "'; --", "💥 \u2028"]
    store.save(batch(*(post(str(number), text=text) for number, text in enumerate(texts))))
    assert [text for _, text in rows(store, Post, "native_id", "text")] == texts


def test_many_posts_fit_into_one_page(store: Store) -> None:
    title = store.title_ids(["Squid Game"])["Squid Game"]
    page = batch(*(post(str(number), title) for number in range(3000)))
    assert store.save(page).stored == 3000
    assert store.save(page).known == 3000


def test_times_before_1970_and_hours_hold() -> None:
    early = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert from_seconds(to_seconds(early)) == early
    assert hour_of(to_seconds(early)) == -3600
