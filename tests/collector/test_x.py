import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Loopback, Reply, serving
from pydantic import ValidationError
from x_stub import NOW, XStub, post, post_id, x_server

from collector.errors import AccessError, ConfigError, RetryLater, SkipItem
from collector.http import Http
from collector.source import Coverage, Cursor, Page, Watch
from collector.sources.x import MAX_QUERY, X, XSettings, questions

SESAME = XStub().token


@dataclass
class Reader:
    """Searches as the collector does: it remembers each page's cursor once the page is taken."""

    api: str
    now: datetime = NOW
    limit: int = 100
    memory: dict[str, str] = field(default_factory=dict)

    def search(self, *tags: str) -> list[Page]:
        return list(self.follow(*tags))

    def follow(self, *tags: str) -> Iterator[Page]:
        settings = XSettings(enabled=True, api=self.api, limit=self.limit)
        source = X(settings, Http(clock=lambda: self.now, timeout=(1, 1)))
        for page in source.fetch(Watch(tags or ("squidgame",)), Cursor(dict(self.memory))):
            yield page
            self.memory |= {key: value for key, value in page.cursor.items() if value is not None}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> XStub:
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", SESAME)
    return XStub()


@pytest.fixture
def server(stub: XStub) -> Iterator[Loopback]:
    with x_server(stub) as running:
        yield running


def ids(pages: list[Page]) -> list[str]:
    return [item["id"] for page in pages for item in page.items]


def told(pages: list[Page]) -> list[tuple[Coverage, datetime | None, datetime | None]]:
    return [(page.coverage, page.since, page.until) for page in pages if page.until]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


# --- searching


def test_the_first_search_reads_seven_days_and_remembers_the_newest_id(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(minutes=number)) for number in range(1, 21)]
    reader = Reader(server.url)
    pages = reader.search()
    assert ids(pages) == [entry["id"] for entry in stub.posts]
    assert server.asked[0].params["query"] == "(#squidgame) -is:retweet"
    assert "since_id" not in server.asked[0].params
    assert told(pages) == [(Coverage.COVERED, NOW - timedelta(days=7) + timedelta(minutes=5), ago(seconds=30))]
    assert pages[-1].hashtag == "squidgame"
    assert stub.posts[0]["id"] in reader.memory.values()


def test_the_next_search_asks_for_what_is_newer_and_covers_on(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(hours=1))]
    reader = Reader(server.url)
    reader.search()
    reader.now += timedelta(hours=1)
    stub.posts.append(post(NOW + timedelta(minutes=30)))
    pages = reader.search()
    assert ids(pages) == [stub.posts[1]["id"]]
    assert server.asked[1].params["since_id"] == stub.posts[0]["id"]
    assert told(pages) == [(Coverage.COVERED, ago(seconds=30), reader.now - timedelta(seconds=30))]


def test_since_id_stays_over_all_pages_and_the_newest_id_is_the_first_pages(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(hours=3))]
    reader = Reader(server.url, limit=1000)
    reader.search()
    stub.posts += [post(ago(minutes=number)) for number in range(1, 151)]
    pages = reader.search()
    assert [len(page.items) for page in pages] == [100, 50, 0]
    assert [asked.params["since_id"] for asked in server.asked[1:]] == [stub.posts[0]["id"]] * 2
    assert "next_token" in server.asked[2].params
    assert post_id(ago(minutes=1)) in reader.memory.values()


def test_an_empty_page_that_names_a_next_one_is_not_the_end(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(minutes=number)) for number in range(1, 31)]
    stub.holes = {1, 2}
    pages = Reader(server.url, limit=10).search()
    assert len(ids(pages)) == 10
    stub.holes, stub.pages_served = {0, 1}, 0
    assert len(ids(Reader(server.url, limit=10).search())) == 10


def test_the_limit_is_kept_and_what_it_cut_off_is_covered_in_part(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(minutes=number)) for number in range(1, 61)]
    pages = Reader(server.url, limit=20).search()
    assert ids(pages) == [entry["id"] for entry in stub.posts[:20]]
    assert told(pages) == [
        (Coverage.PARTIAL, NOW - timedelta(days=7) + timedelta(minutes=5), ago(minutes=20)),
        (Coverage.COVERED, ago(minutes=20), ago(seconds=30)),
    ]
    assert "raise [sources.x] limit" in next(page.reason for page in pages if page.coverage is Coverage.PARTIAL)
    assert len(server.asked) == 1


def test_a_run_that_dies_asks_again_from_the_same_place(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(minutes=number)) for number in range(1, 151)]
    reader = Reader(server.url, limit=1000)
    running = reader.follow()
    next(running)
    next(running)
    running.close()
    assert reader.memory == {}
    assert ids(reader.search()) == [entry["id"] for entry in stub.posts]


def test_after_more_than_seven_days_search_begins_anew_and_the_gap_is_told(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(days=9))]
    reader = Reader(server.url, now=ago(days=8))
    reader.search()
    reader.now = NOW
    stub.posts.append(post(ago(hours=1)))
    pages = reader.search()
    assert ids(pages) == [stub.posts[1]["id"]]
    reach = NOW - timedelta(days=7) + timedelta(minutes=5)
    assert told(pages) == [
        (Coverage.NOT_COVERED, ago(days=8, seconds=30), reach),
        (Coverage.COVERED, reach, ago(seconds=30)),
    ]
    assert "7 days" in pages[0].reason


def test_a_tag_that_was_silent_for_longer_than_search_reaches_leaves_no_gap(stub: XStub, server: Loopback) -> None:
    stub.posts = [post(ago(days=9))]
    stub.now = ago(days=8)
    reader = Reader(server.url, now=stub.now)
    reader.search()
    for _ in range(4):
        reader.now += timedelta(days=2)
        stub.now = reader.now
        pages = reader.search()
    assert {page.coverage for page in pages} == {Coverage.COVERED}
    assert "start_time" in server.asked[-1].params


def test_nothing_found_is_a_covered_zero(server: Loopback) -> None:
    reader = Reader(server.url)
    (page,) = reader.search()
    assert (page.items, page.coverage) == ((), Coverage.COVERED)


@pytest.mark.parametrize("count", [1, 40, 200])
def test_questions_fit_x_and_hold_each_hashtag_once(count: int) -> None:
    tags = [f"한국드라마{'x' * (number % 40)}{number}" for number in range(count)]
    asked = list(questions(tags))
    assert [tag for question in asked for tag in question.tags] == tags
    assert all(len(question.query) <= MAX_QUERY for question in asked)
    assert len(asked) <= 1 + sum(len(tag) + 5 for tag in tags) // (MAX_QUERY - 80)
    assert len({question.key for question in asked}) == len(asked)


def test_each_question_has_its_own_cursor_and_share_of_the_limit(stub: XStub, server: Loopback) -> None:
    tags = [f"{'tag' * 10}{number}" for number in range(30)]
    stub.posts = [post(ago(minutes=number), tag=tag) for tag in (tags[0], tags[-1]) for number in range(1, 90)]
    pages = Reader(server.url, limit=60).search(*tags)
    assert len(server.asked) == 3
    assert len(ids(pages)) == 40
    assert [page.hashtag for page in pages if page.coverage is Coverage.COVERED and page.until] == tags


# --- no token, and refusals


def test_without_a_token_nothing_is_asked_and_the_pass_is_not_covered(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BUZZ_X_BEARER_TOKEN")
    (page,) = Reader(server.url).search()
    assert (page.coverage, page.since) == (Coverage.NOT_COVERED, None)
    assert "BUZZ_X_BEARER_TOKEN, which is not set" in page.reason
    assert server.asked == []


def test_a_token_written_into_the_file_is_refused_without_repeating_it(server: Loopback) -> None:
    settings = XSettings(enabled=True, api=server.url, token="pasted-by-mistake")  # noqa: S106 - invented
    (page,) = X(settings, Http()).fetch(Watch(("a",)), Cursor())
    assert "names an environment variable" in page.reason
    assert "pasted" not in page.reason + repr(settings)


def test_the_token_goes_to_x_and_to_this_machine_only(stub: XStub) -> None:
    for api in ("https://x.example", "http://api.x.com"):
        with pytest.raises(AccessError, match="mend api"):
            Reader(api).search()


def test_it_is_off_until_it_is_enabled() -> None:
    assert XSettings().enabled is False


@pytest.mark.parametrize("api", ["api.x.com", "ftp://api.x.com", "https://me@api.x.com"])
def test_an_address_that_is_none_is_refused(api: str) -> None:
    with pytest.raises(ValidationError, match="an address such as"):
        XSettings(api=api)


CAP = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": "https://api.twitter.com/2/problems/usage-capped",
    "status": 429,
}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply({"title": "Unauthorized", "detail": "Unauthorized"}, 401), "does not know the token"),
        (Reply({"title": "CreditsDepleted", "detail": "no credits"}, 402), "no credit left"),
        (Reply({"title": "Client Forbidden", "detail": "enroll"}, 403), "does not allow this token"),
        (Reply({"errors": [{"message": "bad query"}]}, 400), "bad query"),
        (Reply(b"<html>", 403), "does not allow this token"),
        (Reply(CAP, 429), "cap on posts"),
    ],
)
def test_a_refusal_is_one_sentence_that_says_what_to_do(stub: XStub, server: Loopback, reply: Reply, said: str) -> None:
    stub.faults = [reply]
    with pytest.raises(AccessError, match=said) as caught:
        Reader(server.url).search()
    assert SESAME not in str(caught.value)
    assert len(server.asked) == 1


def test_a_rate_limit_waits_until_x_says_and_asks_no_second_time(stub: XStub, server: Loopback) -> None:
    reset = str(int((NOW + timedelta(minutes=7)).timestamp()))
    stub.faults = [Reply({"title": "Too Many Requests"}, 429, {"x-rate-limit-reset": reset})]
    with pytest.raises(RetryLater) as caught:
        Reader(server.url).search()
    assert caught.value.until == NOW + timedelta(minutes=7)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, timedelta(minutes=15)),
        ({"x-rate-limit-reset": "soon"}, timedelta(seconds=30)),
        ({"x-rate-limit-reset": "1"}, timedelta(seconds=30)),
        ({"x-rate-limit-reset": "99999999999"}, timedelta(days=1)),
    ],
)
def test_a_rate_limit_without_a_sensible_time_waits_all_the_same(
    stub: XStub, server: Loopback, headers: dict[str, str], wait: timedelta
) -> None:
    stub.faults = [Reply({"title": "Too Many Requests"}, 429, headers)]
    with pytest.raises(RetryLater) as caught:
        Reader(server.url).search()
    assert caught.value.until == NOW + wait


@pytest.mark.parametrize(
    "reply",
    [
        Reply({}, 500),
        Reply(b"<html>busy</html>", 503),
        Reply(b"<html>hello</html>", 200),
        Reply([], 200),
        Reply({"data": "x", "meta": {}}, 200),
        Reply({"data": [], "meta": []}, 200),
        Reply({"data": [], "meta": 5}, 200),
        Reply({"data": [{}], "meta": {"newest_id": [1]}}, 200),
    ],
)
def test_a_broken_answer_is_tried_again_later(stub: XStub, server: Loopback, reply: Reply) -> None:
    stub.faults = [reply]
    with pytest.raises(RetryLater):
        Reader(server.url).search()


def test_a_silent_server_does_not_hold_us(stub: XStub) -> None:
    over = Event()
    with serving(lambda _: (over.wait(10), Reply({}))[1]) as server:
        with pytest.raises(RetryLater, match="did not answer in time"):
            Reader(server.url).search()
        over.set()


def test_the_token_is_in_no_log(stub: XStub, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Reader(server.url).search()
    assert caplog.records
    assert SESAME not in caplog.text


def test_a_missing_variable_is_a_fault_of_the_config() -> None:
    with pytest.raises(ConfigError, match="BUZZ_X_BEARER_TOKEN"):
        X(XSettings(), Http())._client()


# --- parsing


def test_a_post_becomes_a_draft() -> None:
    draft = X.parse(post(NOW))
    assert draft.native_id == post_id(NOW)
    assert draft.url == f"https://x.com/i/web/status/{post_id(NOW)}"
    assert (draft.created_at, draft.edited_at) == (NOW, None)
    assert draft.text == "Invented post & more #SquidGame"
    assert (draft.language, draft.hashtags, draft.author) == ("en", frozenset({"SquidGame"}), "42")
    assert (draft.likes, draft.reposts, draft.replies) == (3, 2, 1)


def test_a_long_post_is_read_to_its_end() -> None:
    note = {"text": "a long text &lt;3 #Hellbound", "entities": {"hashtags": [{"tag": "Hellbound"}]}}
    draft = X.parse(post(NOW, note_tweet=note))
    assert draft.text == "a long text <3 #Hellbound"
    assert draft.hashtags == {"SquidGame", "Hellbound"}


def test_an_edited_post_stays_one_post() -> None:
    first = post_id(ago(minutes=20))
    draft = X.parse(post(NOW, edit_history_tweet_ids=[first, post_id(NOW)]))
    assert (draft.native_id, draft.edited_at) == (first, NOW)
    assert draft.created_at == ago(minutes=20)


def test_the_new_names_of_xs_fields_are_understood() -> None:
    item = post(NOW, public_metrics={"repost_count": 7, "like_count": 1}, note_post={"text": "all of it"})
    item["edit_history_post_ids"] = item.pop("edit_history_tweet_ids")
    draft = X.parse(item)
    assert (draft.text, draft.reposts, draft.likes) == ("all of it", 7, 1)
    with pytest.raises(SkipItem, match="repost"):
        X.parse(item | {"referenced_posts": [{"type": "reposted", "id": "1"}]})


@pytest.mark.parametrize("code", ["und", "qme", "zxx", "art"])
def test_a_language_that_is_none_is_left_out(code: str) -> None:
    assert X.parse(post(NOW, lang=code)).language is None


def test_a_repost_is_left_out_and_a_quote_is_not() -> None:
    quoted = [{"type": "quoted", "id": "1"}, {"type": "replied_to", "id": "2"}]
    assert X.parse(post(NOW, referenced_tweets=quoted))
    with pytest.raises(SkipItem, match="repost"):
        X.parse(post(NOW, referenced_tweets=[{"type": "retweeted", "id": "1"}]))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": None}, "id"),
        ({"text": ""}, "text"),
        ({"created_at": None}, "created_at"),
        ({"created_at": "x"}, "created_at"),
        ({"entities": []}, None),
        ({"entities": [1]}, "entities"),
        ({"entities": {"hashtags": [{}]}}, "tag"),
        ({"referenced_tweets": {"type": 1}}, "referenced_tweets"),
        ({"public_metrics": "many"}, "public_metrics"),
        ({"edit_history_tweet_ids": ["abc", "d"]}, None),
        ({"edit_history_tweet_ids": ["9" * 400, "d"]}, None),
    ],
)
def test_what_is_missing_or_wrong_is_named(change: dict[str, Any], named: str | None) -> None:
    if named is None:
        assert X.parse(post(NOW, **change))
        return
    with pytest.raises(SkipItem, match=named):
        X.parse(post(NOW, **change))


@pytest.mark.data
def test_searches_stay_within_xs_own_description(
    stub: XStub, server: Loopback, data_set: Callable[[str], Path]
) -> None:
    described = orjson.loads(data_set("fixtures/x_api_v2/x-openapi.json").read_bytes())
    listed = described["paths"]["/2/tweets/search/recent"]["get"]["parameters"]
    names = {entry.get("name") for entry in listed} | {entry.get("$ref", "").rsplit("/", 1)[-1] for entry in listed}
    sizes = next(entry["schema"] for entry in listed if entry.get("name") == "max_results")
    Reader(server.url, limit=10).search()
    Reader(server.url, limit=1000).search()
    for asked in server.asked:
        assert set(asked.params) - {"tweet.fields"} <= names
        assert sizes["minimum"] <= int(asked.params["max_results"]) <= sizes["maximum"]


# what a field may hold that it should not, or that is read in another way
ODD = st.sampled_from(
    [
        None, "", "x", "1", 7, True, [], [None], ["1"], {}, {"text": "note"}, "a &amp; b",
        {"hashtags": None}, {"hashtags": [{}]}, {"hashtags": "x"}, {"hashtags": [{"tag": 7}]},
        {"hashtags": [{"tag": "a"}]},
        [{"type": "retweeted"}], [{"type": "quoted"}], [{"type": 1}], [{}], {"type": "quoted"},
        "2026-02-30T00:00:00Z", "2026-03-01T10:00:00.000Z", "1985-03-01T10:00:00.000Z", "2026-03-01 10:00:00",
        "1772359200",
    ]
)  # fmt: skip
FIELDS = (
    *("id", "text", "created_at", "lang", "author_id", "entities", "public_metrics", "referenced_tweets", "note_tweet"),
    *("edit_history_tweet_ids", "edit_history_post_ids", "referenced_posts", "note_post"),
)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=3), st.sets(st.sampled_from(FIELDS), max_size=2))
def test_a_glance_sees_what_parse_reads_or_says_nothing(changed: dict[str, Any], absent: set[str]) -> None:
    item = {name: value for name, value in (post(NOW) | changed).items() if name not in absent}
    glimpse = X.glance(item)
    if glimpse is not None:
        draft = X.parse(item)
        assert (glimpse[0], frozenset(glimpse[1])) == (draft.text, draft.hashtags)


def test_a_glance_suffices_for_what_x_usually_sends() -> None:
    usual = post(NOW) | {"referenced_tweets": [{"type": "quoted", "id": "1"}], "text": "a &amp; b #Tag"}
    usual["entities"] = {"hashtags": [{"start": 0, "end": 4, "tag": "Tag"}]}
    assert X.glance(usual) == ("a & b #Tag", ["Tag"])
    assert X.glance(["no post"]) is None  # type: ignore[arg-type]
