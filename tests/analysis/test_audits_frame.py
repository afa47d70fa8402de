"""What may be drawn, what was, and what people said last of the text as it is now; on both databases."""

from datetime import timedelta

import pytest
from filling import NOON, Posted, fill
from sqlalchemy import text

from analysis.frames import audits
from analysis.frames.reader import Reader
from collector.audits import Drawn, Item, Judgement, add_sample, judge, stored_posts
from collector.clock import to_seconds
from collector.store import Store

AT = to_seconds(NOON)
POSTS = (
    Posted("one", native_id="1", sentiment="positive", url="https://a.example/1"),
    Posted("two", native_id="2", sentiment="negative", language="ko", titles=("Kingdom", "Squid Game")),
    Posted("three", native_id="3", sentiment="neutral", at=NOON + timedelta(days=40), titles=("Kingdom",), sample=True),
    Posted("", native_id="4", sentiment="neutral"),
    Posted("unscored", native_id="5", sentiment="unscored"),
    Posted("without labels", native_id="6", sentiment=None),
    Posted("about nothing", native_id="7", titles=()),
    Posted("an article", native_id="8", platform="news"),
)


@pytest.fixture
def numbers(store: Store) -> dict[str, int]:
    fill(store, *POSTS)
    found = stored_posts(store, [(post.platform, str(post.native_id)) for post in POSTS])
    return {native_id: number for (_, native_id), (number, _) in found.items()}


def test_scored_posts_about_a_title_that_have_their_words_may_be_drawn(store: Store, numbers: dict[str, int]) -> None:
    with Reader(store.url) as reader:

        def drawn(**only: object) -> set[int]:
            return {post_id for post_id, *_ in audits.candidates(reader, **only)}  # type: ignore[arg-type]

        assert set(audits.candidates(reader)) == {
            (numbers["1"], "en", "positive"),
            (numbers["2"], "ko", "negative"),
            (numbers["3"], "en", "neutral"),
        }
        assert drawn(title="Kingdom") == {numbers["2"], numbers["3"]}
        assert drawn(language="ko") == {numbers["2"]}
        assert drawn(since=NOON + timedelta(days=1)) == {numbers["3"]}
        assert drawn(until=NOON) == set()


def test_a_sample_tells_what_is_left_of_it_and_shows_no_given_class(store: Store, numbers: dict[str, int]) -> None:
    drawn = Drawn(AT, seed=5, size=9, labeller="test/1", title="Kingdom", since=AT)
    first = add_sample(store, Drawn(AT, seed=4, size=1, labeller="test/0"), [Item(numbers["1"], "en", "positive", 7.0)])
    number = add_sample(store, drawn, [Item(numbers[name], "en", "neutral", 2.5) for name in ("4", "2", "3")])
    with Reader(store.url) as reader:
        found = audits.samples(reader)
        assert found["sample_id"].tolist() == [number, first]
        row = found.iloc[0]
        assert (row["title"], row["since"], row["seed"], row["posts"], row["readable"]) == ("Kingdom", NOON, 5, 3, 2)
        items = audits.items(reader, number)
        assert items[["place", "post_id", "weight"]].values.tolist() == [
            [at, numbers[name], 2.5] for at, name in enumerate(("4", "2", "3"), start=1)
        ]
        assert len(audits.items(reader)) == 4
        shown = audits.readings(reader, number)
    assert shown["text"].tolist() == ["two", "three"]
    assert shown["titles"].tolist() == [("Kingdom", "Squid Game"), ("Kingdom",)]
    assert shown["invented"].tolist() == [False, True]
    assert not {"given", "sentiment", "score", "stratum_given"} & set(shown.columns)


def test_what_a_person_said_last_of_the_text_as_it_is_counts(store: Store, numbers: dict[str, int]) -> None:
    one, two = numbers["1"], numbers["2"]
    number = add_sample(store, Drawn(AT, 1, 2, "test/1"), [Item(post, "en", "positive", 1.0) for post in (one, two)])
    judge(store, [Judgement(one, "Ann", "neutral", AT), Judgement(two, "Ann", "negative", AT)])
    judge(store, [Judgement(one, "Ann", "positive", AT + 5, sarcasm=True), Judgement(one, "Ben", "neutral", AT)])
    with store.writing() as connection:
        connection.execute(text("UPDATE post SET edited_at = 9 WHERE native_id = '2'"))
        connection.execute(text("UPDATE label SET sentiment = 'neutral', sentiment_by = 'test/2'"))
    with Reader(store.url) as reader:
        found = audits.labels(reader).set_index(["who", "post_id"]).sort_index()
        assert found["said"].to_dict() == {("Ann", one): "positive", ("Ben", one): "neutral", ("Ann", two): "negative"}
        assert found["is_current"].to_dict() == {("Ann", one): True, ("Ben", one): True, ("Ann", two): False}
        latest = found.loc["Ann", one]
        assert (latest["given"], latest["given_by"], latest["sarcasm"]) == ("neutral", "test/2", True)
        assert (latest["given_then"], latest["given_then_by"], latest["url"]) == (
            "positive", "test/1", "https://a.example/1",
        )  # fmt: skip
        for who, left in (("Ann", ["two"]), ("Ben", ["two"]), ("Cem", ["one", "two"])):
            assert audits.readings(reader, number, unlabelled_by=who)["text"].tolist() == left
