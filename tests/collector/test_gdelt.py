from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback import Asked, Reply, serving

from collector.errors import RetryLater
from collector.http import Http
from collector.source import Coverage, Cursor, Page, Watch, WatchedTitle
from collector.sources.gdelt import FIRST, Gdelt, GdeltSettings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TITLES = tuple(WatchedTitle(name, (), (name,)) for name in ("Squid Game", "Hellbound", "Moving"))


@dataclass
class Bench:
    """Asks as the collector does, and remembers each page's cursor."""

    url: str
    asked: list[Asked]
    now: datetime = START
    titles: tuple[WatchedTitle, ...] = TITLES
    replies: dict[str, Reply] = field(default_factory=dict)  # by the query
    memory: dict[str, str] = field(default_factory=dict)

    def run(self) -> Page:
        (page,) = self.follow()
        return page

    def follow(self) -> Iterator[Page]:
        source = Gdelt(GdeltSettings(address=self.url), Http(clock=lambda: self.now, timeout=(1, 2)))
        for page in source.fetch(Watch((), self.titles), Cursor(dict(self.memory))):
            self.memory |= {key: value for key, value in page.cursor.items() if value is not None}
            yield page


@pytest.fixture
def bench() -> Iterator[Bench]:
    made: list[Bench] = []
    asked: list[Asked] = []

    def answer(one: Asked) -> Reply:
        asked.append(one)
        return made[0].replies.get(one.params["query"], Reply({}))

    with serving(answer) as server:
        made.append(Bench(server.url, asked))
        yield made[0]


def articles(count: int, *, newest: datetime = START, apart: timedelta = HOUR) -> Reply:
    told: list[dict[str, Any]] = [
        {
            "url": f"https://paper.example/{number}",
            "title": "Squid Game returns",
            "seendate": f"{newest - number * apart:%Y%m%dT%H%M%SZ}",
            "socialimage": "https://paper.example/picture.jpg",
        }
        for number in range(count)
    ]
    return Reply({"articles": told})


def test_each_title_gets_its_turn_one_request_a_run(bench: Bench) -> None:
    seen = []
    for _ in range(6):
        seen.append(bench.run().title)
        bench.now += HOUR
    assert seen == ["Squid Game", "Hellbound", "Moving"] * 2
    assert len(bench.asked) == 6


def test_a_title_is_covered_from_turn_to_turn_without_a_gap(bench: Bench) -> None:
    pages = []
    for _ in range(6):
        pages.append(bench.run())
        bench.now += HOUR
    first, second = pages[0], pages[3]
    assert (first.target, first.since, first.until) == ("GDELT Squid Game", START - FIRST, START)
    assert (second.since, second.until) == (START, START + 3 * HOUR)
    assert bench.asked[3].params["startdatetime"] == "20260301060000"  # 6 hours before: articles enter late
    assert {page.coverage for page in pages} == {Coverage.COVERED}


def test_what_was_read_before_is_not_read_again_and_nothing_but_headline_link_and_time_is(bench: Bench) -> None:
    bench.titles = TITLES[:1]
    bench.replies['"Squid Game"'] = articles(3)
    page = bench.run()
    assert [item.keys() for item in page.items] == [{"url", "title", "seendate"}] * 3
    bench.now += HOUR
    bench.replies['"Squid Game"'] = Reply({"articles": [{"url": "https://paper.example/new"}, *page.items]})
    assert [item["url"] for item in bench.run().items] == ["https://paper.example/new"]


def test_250_articles_are_known_in_part_unless_they_reach_back_to_the_last_reading(bench: Bench) -> None:
    bench.titles = TITLES[:1]
    bench.replies['"Squid Game"'] = articles(250)
    page = bench.run()
    assert page.coverage is Coverage.PARTIAL
    assert page.reason == "GDELT gives at most 250 articles at once, here back to 2026-02-19 03:00 UTC"
    bench.now += HOUR
    bench.replies['"Squid Game"'] = articles(250, newest=bench.now, apart=timedelta(minutes=1))
    assert bench.run().coverage is Coverage.COVERED


def test_what_it_says_in_plain_words_is_told_and_the_next_title_has_its_turn(bench: Bench) -> None:
    bench.replies['"Squid Game"'] = Reply(b"Your query was too short or too long.\n")
    with pytest.raises(RetryLater, match="GDELT says: Your query was too short or too long"):
        bench.run()
    assert [key.rpartition(" ")[2] for key in bench.memory] == ["failed"]
    bench.now += HOUR
    assert bench.run().title == "Hellbound"


def test_a_title_that_fails_says_so_in_the_ledger_and_keeps_what_it_knew(bench: Bench) -> None:
    bench.titles = TITLES[:1]
    bench.run()
    known = dict(bench.memory)
    bench.replies['"Squid Game"'] = Reply(b"Please limit requests to one every 5 seconds.", 429, {"Retry-After": "60"})
    bench.now += HOUR
    run = bench.follow()
    failed = next(run)
    assert (failed.coverage, failed.title, failed.since) == (Coverage.FAILED, "Squid Game", None)
    with pytest.raises(RetryLater) as caught:
        next(run)
    assert caught.value.until == bench.now + timedelta(seconds=60)
    bench.replies.clear()
    bench.now += HOUR
    assert bench.run().since == START
    assert known.keys() < bench.memory.keys()


def test_it_is_asked_in_latin_letters_and_other_words_begin_anew(bench: Bench) -> None:
    bench.titles = (WatchedTitle("Squid Game", (), ("Squid Game", "오징어 게임", "El juego del calamar")),)
    bench.run()
    assert bench.asked[0].params["query"] == '("Squid Game" OR "El juego del calamar")'
    bench.now += HOUR
    bench.titles = (WatchedTitle("Squid Game", (), ("Round Six",)),)
    assert bench.run().since == bench.now - FIRST
    bench.titles = (WatchedTitle("오징어", (), ("오징어 게임",)),)
    bench.run()
    assert bench.asked[2].params["query"] == '"오징어"'


def test_no_two_requests_are_less_than_five_seconds_apart(bench: Bench) -> None:
    bench.run()
    bench.now += timedelta(seconds=4)
    assert list(bench.follow()) == []
    bench.now += timedelta(seconds=1)
    assert bench.run().title == "Hellbound"


def test_nothing_is_asked_where_nothing_is_watched(bench: Bench) -> None:
    bench.titles = ()
    assert list(bench.follow()) == []
    assert bench.asked == []


def test_a_word_that_is_no_part_of_the_question_begins_anew_too(bench: Bench) -> None:
    bench.titles = TITLES[:1]
    bench.replies['"Squid Game"'] = articles(3)
    assert len(bench.run().items) == 3
    bench.now += HOUR
    bench.titles = (TITLES[0]._replace(phrases=("Squid Game", "오징어 게임")),)
    page = bench.run()  # what was found before may speak of the title by the new word
    assert (len(page.items), page.since) == (3, bench.now - FIRST)
    bench.now += HOUR
    assert len(bench.run().items) == 0


def test_a_database_from_before_words_were_remembered_does_not_begin_anew(bench: Bench) -> None:
    bench.titles = TITLES[:1]
    bench.run()
    bench.memory = {key: value for key, value in bench.memory.items() if not key.endswith(" words")}
    bench.now += HOUR
    assert bench.run().since == START
