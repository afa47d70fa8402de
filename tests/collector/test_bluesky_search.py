"""Bluesky's search: how a hashtag's past is filled, what that claims, and how the login is kept and kept quiet."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from jetstream_stub import JetstreamStub, post
from loopback import Loopback, Reply, serving
from pydantic import ValidationError
from search_stub import HANDLE, PASSWORD, SearchStub, found, index_now
from stream_bench import Bench

from collector import config as configs
from collector.author import AuthorKeys
from collector.bluesky_found import SEARCHED, parse
from collector.bluesky_session import Session
from collector.collect import Saver, collect
from collector.config import TitleSettings
from collector.errors import AccessError, RetryLater, SkipItem
from collector.http import Http
from collector.retention import care_for
from collector.source import Coverage, Cursor, Page, Watch, WatchedTitle
from collector.sources.bluesky_search import BlueskySearch, BlueskySearchSettings
from collector.store import Store

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
END = NOW - MINUTE
TAG = "squidgame"


@dataclass
class Reader:
    """Searches as the collector does: it remembers each page's cursor once the page is taken."""

    server: Loopback
    stub: SearchStub
    now: datetime = NOW
    pages: int = 25
    back: timedelta = 7 * DAY
    titles: tuple[WatchedTitle, ...] = ()
    memory: dict[str, str] = field(default_factory=dict)

    def source(self, **settings: object) -> BlueskySearch:
        told: dict[str, Any] = {"address": self.server.url, "pages": self.pages, "back": self.back} | settings
        return BlueskySearch(BlueskySearchSettings(**told), Http(clock=lambda: self.now, timeout=(1, 2)))

    def run(self, *tags: str, **settings: object) -> list[Page]:
        return list(self.follow(*tags, **settings))

    def follow(self, *tags: str, **settings: object) -> Iterator[Page]:
        watch = Watch(tags or (TAG,), self.titles)
        for page in self.source(**settings).fetch(watch, Cursor(dict(self.memory))):
            yield page
            for key, value in page.cursor.items():
                self.memory.pop(key, None)
                if value is not None:
                    self.memory[key] = value


@pytest.fixture
def stub() -> SearchStub:
    return SearchStub()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own settings folder, with a login told in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("BUZZ_BLUESKY_HANDLE", HANDLE)
    monkeypatch.setenv("BUZZ_BLUESKY_APP_PASSWORD", PASSWORD)
    return tmp_path / "config" / "buzzchart"


@pytest.fixture
def reader(stub: SearchStub, folder: Path) -> Iterator[Reader]:
    assert not folder.exists()
    with serving(stub.answer) as server:
        yield Reader(server, stub)


def hourly(stub: SearchStub, count: int) -> None:
    """Let posts lie there, the newest an hour old, each an hour before the next."""
    stub.posts += [found(number, at=NOW - (count - number) * HOUR) for number in range(count)]


def numbers(pages: list[Page]) -> list[int]:
    return [int(item["uri"].rpartition("/r")[2]) for page in pages for item in page.items]


# --- how far, in how many runs


def test_a_new_hashtag_is_searched_back_to_its_goal_and_known_in_part(stub: SearchStub, reader: Reader) -> None:
    stub.most = 50
    hourly(stub, 200)
    pages = reader.run()
    assert sorted(numbers(pages)) == list(range(32, 200))  # seven days
    assert all(newer.since == older.until for newer, older in pairwise(pages))
    assert (pages[0].until, pages[-1].since) == (END, NOW - 7 * DAY)
    assert {(page.coverage, page.hashtag, page.reason) for page in pages} == {(Coverage.PARTIAL, TAG, SEARCHED)}
    assert stub.asked[0] == {
        "q": "#squidgame", "sort": "latest", "limit": "100",
        "since": "2026-03-03T12:00:00.000Z", "until": "2026-03-10T11:59:00.000Z",
    }  # fmt: skip


def test_later_runs_search_the_time_since_and_what_entered_late(stub: SearchStub, reader: Reader) -> None:
    hourly(stub, 5)
    reader.run()
    reader.now += HOUR
    late = found(7, at=NOW - 3 * HOUR, indexedAt=None)
    stub.posts += [found(6, at=NOW + MINUTE), late]
    index_now([late], (NOW + 30 * MINUTE).isoformat())
    (page,) = reader.run()
    assert sorted(numbers([page])) == [6, 7]
    assert (page.since, page.until) == (END, END + HOUR)
    assert stub.asked[-1]["since"] == "2026-03-10T05:59:00.000Z"


def test_a_run_asks_for_so_many_pages_and_the_next_one_goes_on(stub: SearchStub, reader: Reader) -> None:
    stub.most = 20
    hourly(stub, 100)
    reader.pages = 2
    runs = [reader.run() for _ in range(5)]
    assert sorted(set(numbers([page for run in runs for page in run]))) == list(range(100))
    assert runs[1][0].until == runs[0][-1].since
    assert f"{TAG} covered" in reader.memory
    assert f"{TAG} window" not in reader.memory


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_a_run_that_dies_goes_on_where_it_was(stub: SearchStub, reader: Reader, taken: int) -> None:
    stub.most = 25
    hourly(stub, 100)
    running = reader.follow()
    seen = list(islice(running, taken))
    next(running, None)  # fetched, but never saved
    running.close()
    seen += reader.run()
    assert set(numbers(seen)) == set(range(100))
    assert all(newer.since == older.until for newer, older in pairwise(seen))


def test_posts_of_one_moment_are_parted_by_the_servers_mark(stub: SearchStub, reader: Reader) -> None:
    stub.posts = [found(number, at=NOW - HOUR) for number in range(250)]
    assert sorted(numbers(reader.run())) == list(range(250))


def test_answers_that_come_to_no_end_are_given_up(stub: SearchStub, reader: Reader) -> None:
    same = Reply({"posts": [found(1, at=NOW - HOUR)] * 3, "cursor": "3"})
    stub.faults = [same] * 30
    reader.pages = 4
    assert numbers(reader.run()) == [1]
    assert numbers(reader.run()) == [1]
    asked = len(stub.asked)
    assert asked == 8
    assert f"{TAG} covered" in reader.memory


def test_an_empty_answer_that_names_a_next_one_is_not_the_end(stub: SearchStub, reader: Reader) -> None:
    hourly(stub, 3)
    stub.faults = [Reply({"posts": [], "cursor": "0"})]
    assert sorted(numbers(reader.run())) == [0, 1, 2]


def test_a_title_that_comes_to_a_known_hashtag_is_searched_for(stub: SearchStub, reader: Reader) -> None:
    hourly(stub, 3)
    reader.titles = (WatchedTitle("Squid Game", (TAG,)),)
    reader.run()
    reader.now += HOUR
    assert numbers(reader.run()) == []
    reader.titles = (*reader.titles, WatchedTitle("Squid Game: The Challenge", (TAG,)))
    assert sorted(numbers(reader.run())) == [0, 1, 2]
    assert numbers(reader.run()) == []


# --- the login


def test_the_session_is_kept_for_the_user_alone_and_used_again(stub: SearchStub, reader: Reader, folder: Path) -> None:
    for _ in range(3):
        reader.run("one", "two")
        reader.now += HOUR
    assert (stub.logins, stub.renewals) == (1, 0)
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in kept.read_text()


def test_a_token_that_is_too_old_is_renewed_and_only_then_the_password_is_used(
    stub: SearchStub, reader: Reader, folder: Path
) -> None:
    hourly(stub, 2)
    reader.run()
    stub.access = "another"
    reader.now += HOUR
    reader.run()
    assert (stub.logins, stub.renewals) == (1, 1)
    stub.access = stub.refresh = "another"
    reader.run()
    assert (stub.logins, stub.renewals) == (2, 1)
    (kept,) = folder.iterdir()
    for content in (b"not json", b"[]", b'{"accessJwt": 1.5}'):
        kept.write_bytes(content)
        reader.run()
    assert stub.logins == 5


def test_a_login_that_is_refused_is_told_once_and_asked_once(
    stub: SearchStub, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    stub.takes_password = False
    with caplog.at_level(logging.DEBUG):
        (page,) = reader.run("one", "two", "three")
    assert page.coverage is Coverage.NOT_COVERED
    assert "refuses the handle or the app password of [sources.bluesky_search] (status 401)" in page.reason
    assert len(reader.server.asked) == 1
    assert PASSWORD not in caplog.text + repr(page)


def test_tokens_and_password_are_in_no_sentence(
    stub: SearchStub, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    told = []
    with caplog.at_level(logging.DEBUG):
        for fault in (Reply({}, 500), Reply({"error": "BadRequest"}, 400), Reply(b"<html>"), Reply({"posts": 7})):
            stub.faults = [fault]
            try:
                told.append(repr(reader.run()))
            except RetryLater as asked:
                told.append(str(asked))
    said = caplog.text + "".join(told)
    assert not [secret for secret in (PASSWORD, stub.access, stub.refresh) if secret in said]
    assert len(told) == 4


@pytest.mark.parametrize("name", ["BUZZ_BLUESKY_HANDLE", "BUZZ_BLUESKY_APP_PASSWORD"])
def test_without_a_login_the_source_says_so(reader: Reader, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    (page,) = reader.run()
    assert (page.coverage, reader.server.asked) == (Coverage.NOT_COVERED, [])
    assert f"environment variable {name}, which is not set" in page.reason


def test_a_password_in_the_file_is_refused_and_not_repeated(reader: Reader) -> None:
    written = {"app_password": "secret-word"}
    (page,) = reader.run(**written)
    assert "names the variable that holds it" in page.reason
    assert "secret-word" not in page.reason


def test_a_login_goes_nowhere_without_https_and_follows_nobody(reader: Reader, folder: Path) -> None:
    http = Http(clock=lambda: NOW, timeout=(1, 2))
    with pytest.raises(AccessError, match="is asked without https"):
        Session(http, "http://bsky.example", HANDLE, PASSWORD).get("x", {})
    reader.server.answer = lambda _: Reply(b"", 302, {"Location": "https://elsewhere.example/"})
    with pytest.raises(AccessError, match="sends us elsewhere"):
        Session(http, reader.server.url, HANDLE, PASSWORD).get("x", {})
    assert not folder.exists()


def test_a_session_that_cannot_be_kept_is_told(reader: Reader, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file in place of the folder")
    (page,) = reader.run()
    assert page.coverage is Coverage.NOT_COVERED
    assert "cannot be kept at" in page.reason


def test_a_wait_that_the_server_asks_for_is_passed_on(stub: SearchStub, reader: Reader) -> None:
    reset = str(int((NOW + 10 * MINUTE).timestamp()))
    stub.faults = [Reply({}, 429, {"RateLimit-Reset": reset})]
    with pytest.raises(RetryLater) as caught:
        reader.run()
    assert caught.value.until == NOW + 10 * MINUTE


def test_it_is_not_asked_more_often_than_logins_allow() -> None:
    with pytest.raises(ValidationError, match="the search is for the past"):
        BlueskySearchSettings(every="1m")  # type: ignore[arg-type] # as config.toml has it


# --- posts


def test_who_wants_to_be_seen_by_members_only_is_counted_without_words() -> None:
    author = {"did": "did:plc:ann", "labels": [{"val": "!no-unauthenticated", "src": "did:plc:ann"}]}
    draft = parse(found(1, at=NOW, author=author))
    assert (draft.text, draft.hashtags) == ("", frozenset({"SquidGame"}))
    author["labels"] = [{"val": "!no-unauthenticated", "neg": True}, {"val": "other"}]
    assert parse(found(1, at=NOW, author=author)).text == "post 1 #SquidGame"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"uri": "at://did:plc:bo/app.bsky.feed.post/r1"}, "uri"),
        ({"uri": "at://did:plc:ann/app.bsky.feed.post/"}, "uri"),
        ({"record": None}, "record"),
        ({"author": {}}, "did"),
        ({"indexedAt": "some day"}, "indexedAt"),
    ],
)
def test_what_is_missing_or_wrong_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SkipItem, match=named):
        parse(found(1, at=NOW, **change))


def test_a_post_that_the_stream_told_is_stored_once_and_its_forged_time_is_the_same(
    stub: SearchStub, reader: Reader, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        bench = Bench(store)
        forged = "2031-01-01T00:00:00.000Z"
        seen = NOW - HOUR
        with bench.stack:
            bench.add(JetstreamStub([post(1, at=seen, createdAt=forged), post(2, at=seen)]).answer)
            bench.run()
        before = bench.ask("SELECT native_id, created_at, claimed_at, text FROM post ORDER BY native_id")
        stub.posts = [found(1, at=seen), found(2, at=seen), found(3, at=seen)]
        stub.posts[0]["record"]["createdAt"] = forged
        title = TitleSettings(name="Squid Game", hashtags=("SquidGame",))
        saver = Saver(store, [title], AuthorKeys(b"a secret for tests"), clock=lambda: NOW)
        counts = collect(saver, reader.source())
        assert (counts.read, counts.known, counts.stored) == (3, 2, 1)
        rows = bench.ask("SELECT native_id, created_at, claimed_at, text FROM post ORDER BY native_id")
        assert rows[:2] == before
        assert bench.ask("SELECT DISTINCT likes FROM post") == [(3,)]
        assert {told for (told,) in bench.ask("SELECT coverage FROM covered WHERE source = 'bluesky_search'")} == {
            "partial"
        }


def test_how_long_posts_are_kept_is_said_once_for_the_platform() -> None:
    config = configs.parse('[sources.bluesky]\nkeep_posts = "30d"\n')
    care = care_for(config, "bluesky_search")
    assert (care.source, care.keep_posts) == ("bluesky_search", timedelta(days=30))
    assert care.is_needed


@pytest.mark.data
def test_the_recorded_answer_is_read_whole(data_set: Callable[[str], Path]) -> None:
    told = orjson.loads(data_set("fixtures/bluesky/atrrr_app.bsky.feed.searchPosts_0e3ec.json").read_bytes())
    drafts = [parse(item) for item in told["posts"]]
    assert len(drafts) == len({draft.native_id for draft in drafts}) == 100
    assert all(draft.uri == item["uri"] for draft, item in zip(drafts, told["posts"], strict=True))
    assert sum(draft.text == "" for draft in drafts) == sum(
        any(label["val"] == "!no-unauthenticated" for label in item["author"]["labels"]) or not item["record"]["text"]
        for item in told["posts"]
    )
    assert all(draft.seen_at and draft.created_at <= draft.seen_at for draft in drafts)
