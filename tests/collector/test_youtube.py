"""YouTube: which videos and comments are read, whose they are, the quota, refusals, and the key."""

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from loopback import Loopback, Reply, serving
from only import only
from youtube_stub import KEY, NOW, SEARCH, THREADS, VIDEOS, StubVideo, YouTubeStub, comment, refusal

from collector import config as configs
from collector.errors import AccessError, RetryLater, SkipItem
from collector.http import Http
from collector.probe import probe
from collector.source import Coverage, Cursor, Page, PostDraft, Watch, WatchedTitle
from collector.sources.youtube import YouTube, YouTubeSettings
from collector.youtube_quota import next_day

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TITLE = WatchedTitle("Squid Game", ("squidgame", "오징어게임"), ("Squid Game",), (), ("giant squid game",))
OTHER = WatchedTitle("Hellbound", ("hellbound",), ("Hellbound",))


@dataclass
class Reader:
    """Collects as the collector does: it remembers each page's cursor once the page is taken."""

    api: str
    stub: YouTubeStub
    now: datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)
    titles: tuple[WatchedTitle, ...] = (TITLE,)
    memory: dict[str, str] = field(default_factory=dict)

    def source(self) -> YouTube:
        return YouTube(YouTubeSettings(**{"api": self.api} | self.settings), Http(clock=lambda: self.now))

    def follow(self) -> Generator[Page, None, None]:
        for page in self.source().fetch(Watch((), self.titles), Cursor(dict(self.memory))):
            self.memory |= {key: value for key, value in page.cursor.items() if value is not None}
            for key in [key for key, value in page.cursor.items() if value is None]:
                self.memory.pop(key, None)
            yield page

    def run(self) -> list[Page]:
        self.stub.asked.clear()
        return list(self.follow())

    def wait(self, span: timedelta) -> list[Page]:
        self.now += span
        return self.run()

    def asked(self, path: str) -> list[dict[str, str]]:
        return [dict(asked.params) for asked in self.stub.asked if asked.path == path]


def drafts(pages: list[Page]) -> list[PostDraft]:
    return [YouTube.parse(item) for page in pages for item in page.items]


def numbers(pages: list[Page]) -> list[int]:
    return sorted(int(draft.native_id.removeprefix("Ugx")) for draft in drafts(pages))


def told(pages: list[Page], title: str = "Squid Game") -> Page:
    [page] = [page for page in pages if page.title == title]
    return page


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> YouTubeStub:
    monkeypatch.setenv("BUZZ_YOUTUBE_KEY", KEY)
    return YouTubeStub({"film1": StubVideo(comments=[comment(n, NOW - (9 - n) * HOUR) for n in range(5)])})


@pytest.fixture
def server(stub: YouTubeStub) -> Iterator[Loopback]:
    with serving(stub.answer) as running:
        yield running


@pytest.fixture
def reader(server: Loopback, stub: YouTubeStub) -> Reader:
    return Reader(server.url, stub)


# --- what is read, and whose it is


def test_a_comment_is_read_with_all_that_may_be_kept_and_nothing_of_its_author_but_one_id(reader: Reader) -> None:
    at = NOW - HOUR
    edited = comment(7, at, text="What a <scene> & more", updatedAt="2026-03-10T11:30:00Z")
    reader.stub.videos["film1"].comments = [edited]
    pages = reader.run()
    [draft] = drafts(pages)
    assert draft == PostDraft(
        platform="youtube",
        native_id="Ugx7",
        created_at=at,
        edited_at=datetime.fromisoformat("2026-03-10T11:30:00Z"),
        text="What a <scene> & more",
        url="https://www.youtube.com/watch?v=film1&lc=Ugx7",
        hashtags=frozenset({"SquidGame"}),
        likes=3,
        replies=2,
        author="UCinvented",
    )
    assert "@invented" not in str([page.items for page in pages])
    assert reader.asked(THREADS)[0] == {
        "part": "snippet", "videoId": "film1", "order": "time", "maxResults": "100", "textFormat": "plainText",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "description", "tags"),
    [
        ("Trailer #squidgame #SquidGame", "", {"squidgame"}),
        ("Official Trailer", "Now on screens #오징어게임", {"오징어게임"}),
        ("Squid Game | Official Trailer", "", {"squidgame"}),  # by its phrase alone: the title's first hashtag
        ("Squid Game or Hellbound?", "#Hellbound", {"squidgame", "Hellbound"}),
    ],
)
def test_comments_get_a_hashtag_of_each_title_that_their_video_names(
    reader: Reader, title: str, description: str, tags: set[str]
) -> None:
    reader.titles = (TITLE, OTHER)
    reader.stub.videos["film1"].title, reader.stub.videos["film1"].description = title, description
    found = drafts(reader.run())
    assert len(found) == 5
    assert {draft.hashtags for draft in found} == {frozenset(tags)}


def test_a_title_without_hashtags_lends_none(reader: Reader) -> None:
    reader.titles = (WatchedTitle("Squid Game", (), ("Squid Game",)),)
    assert {draft.hashtags for draft in drafts(reader.run())} == {frozenset()}


@pytest.mark.parametrize("title", ["A film about something else", "The giant squid game of Squid Game fame", ""])
def test_videos_of_something_else_are_not_read_and_not_remembered(reader: Reader, title: str) -> None:
    reader.stub.videos["film1"].title = title
    pages = reader.run()
    assert drafts(pages) == []
    assert reader.asked(THREADS) == []
    assert "video film1" not in reader.memory


def test_of_each_title_the_videos_with_the_most_comments_are_followed(reader: Reader) -> None:
    for number in range(2, 6):
        video = StubVideo(
            comments=[comment(100 * number + n, NOW - HOUR, video=f"film{number}") for n in range(number)]
        )
        reader.stub.videos[f"film{number}"] = video
    reader.stub.videos["film2"].title = "Hellbound"
    reader.titles, reader.settings = (TITLE, OTHER), {"videos": 2}
    reader.run()
    assert {asked["videoId"] for asked in reader.asked(THREADS)} == {"film1", "film5", "film2"}
    assert {key for key in reader.memory if key.startswith("video ")} == {"video film1", "video film2", "video film5"}


def test_a_video_that_is_too_old_or_gone_is_let_go(reader: Reader) -> None:
    reader.stub.videos["film2"] = StubVideo(published=NOW - timedelta(days=40))
    reader.run()
    assert [key for key in reader.memory if key.startswith("video ")] == ["video film1"]
    del reader.stub.videos["film1"]
    reader.wait(HOUR)
    assert not any(key.startswith("video ") for key in reader.memory)


def test_what_is_remembered_of_a_title_goes_with_it(reader: Reader) -> None:
    reader.titles = (TITLE, OTHER)
    reader.run()
    before = len(reader.memory)
    reader.titles = (TITLE,)
    reader.wait(HOUR)
    assert len(reader.memory) == before - 4  # searched, order, words, read


# --- searches


def test_a_title_is_searched_every_six_hours_in_turn_for_the_best_and_the_newest(reader: Reader) -> None:
    orders = []
    for _ in range(13):
        reader.run()
        orders += [asked["order"] for asked in reader.asked(SEARCH)]
        reader.now += HOUR
    assert orders == ["relevance", "date", "relevance"]
    reader.now = NOW
    reader.memory.clear()
    reader.run()
    [asked] = reader.asked(SEARCH)
    assert (asked["q"], asked["type"]) == ('"Squid Game"|#squidgame', "video")
    assert asked["publishedAfter"] == "2026-02-08T12:00:00Z"


def test_other_words_are_searched_at_once(reader: Reader) -> None:
    reader.run()
    reader.titles = (TITLE._replace(phrases=("Round Six",)),)
    reader.wait(HOUR)
    assert [(asked["q"], asked["order"]) for asked in reader.asked(SEARCH)] == [('"Round Six"|#squidgame', "relevance")]


def test_searches_have_a_limit_of_their_own_and_reading_goes_on_without_them(reader: Reader) -> None:
    reader.titles, reader.settings = (TITLE, OTHER), {"searches_per_day": 1}
    pages = reader.run()
    assert len(reader.asked(SEARCH)) == 1
    assert len(drafts(pages)) == 5
    assert told(pages).since == NOW - 9 * HOUR
    assert (told(pages, "Hellbound").since, told(pages, "Hellbound").reason) == (
        None, "YouTube was not searched for it yet",
    )  # fmt: skip
    assert (pages[-1].coverage, pages[-1].reason) == (
        Coverage.NOT_COVERED,
        "the searches of a day are used up (1); YouTube counts anew at 2026-03-11 07:00 UTC",
    )
    reader.now = next_day(NOW) + HOUR
    reader.run()
    assert [asked["q"] for asked in reader.asked(SEARCH)] == ['"Hellbound"|#hellbound']  # who waited longest


# --- comments


def test_only_what_is_new_is_read_and_only_where_the_number_of_comments_has_changed(reader: Reader) -> None:
    assert numbers(reader.run()) == [0, 1, 2, 3, 4]
    assert numbers(reader.wait(HOUR)) == []
    assert reader.asked(THREADS) == []
    reader.stub.videos["film1"].comments += [comment(5, NOW), comment(6, NOW + HOUR)]
    assert numbers(reader.wait(HOUR)) == [5, 6]
    assert len(reader.asked(THREADS)) == 1


def test_comments_of_the_same_second_are_told_apart(reader: Reader) -> None:
    reader.run()
    comments = reader.stub.videos["film1"].comments
    for number in (5, 6):
        comments.append(comment(number, NOW - 5 * HOUR))  # as the newest one
        assert numbers(reader.wait(HOUR)) == [number]


def test_a_number_of_comments_that_lags_is_not_believed_for_ever(reader: Reader) -> None:
    reader.stub.videos["film1"].counted = 5
    reader.run()
    reader.stub.videos["film1"].comments.append(comment(5, NOW))
    assert numbers(reader.wait(HOUR)) == []
    assert numbers(reader.wait(11 * HOUR)) == [5]


def test_many_comments_are_read_page_by_page_back_to_the_last_reading(reader: Reader) -> None:
    comments = reader.stub.videos["film1"].comments
    reader.run()
    comments += [comment(n, NOW + n * MINUTE) for n in range(5, 255)]
    pages = reader.wait(6 * HOUR)
    assert numbers(pages) == list(range(5, 255))
    assert [asked.get("pageToken") for asked in reader.asked(THREADS)] == [None, "100", "200"]
    assert told(pages).reason == (
        "YouTube's search finds some of the videos only; videos followed: 1, new comments: 250"
    )


def test_more_than_a_run_may_read_is_told(reader: Reader) -> None:
    reader.stub.videos["film1"].comments = [comment(n, NOW - n * MINUTE) for n in range(300)]
    reader.settings = {"pages": 2}
    pages = reader.run()
    assert numbers(pages) == list(range(200))
    assert told(pages).reason.endswith("new comments: 200; of 1 the newest comments only")
    assert numbers(reader.wait(HOUR)) == []


def test_pages_that_never_end_come_to_an_end(reader: Reader) -> None:
    same = {"kind": "x", "items": [comment(1, NOW)], "nextPageToken": "again"}
    reader.stub.refusals[THREADS] = [Reply(same)] * 9
    assert set(numbers(reader.run())) == {1}
    assert len(reader.asked(THREADS)) == 2


def test_an_empty_page_that_names_a_next_one_is_not_the_end(reader: Reader) -> None:
    reader.stub.refusals[THREADS] = [Reply({"kind": "x", "items": [], "nextPageToken": "0"})]
    assert numbers(reader.run()) == [0, 1, 2, 3, 4]


def test_a_forged_time_does_not_hide_what_comes_after_it(reader: Reader) -> None:
    reader.stub.videos["film1"].comments.append(comment(5, NOW + timedelta(days=900)))
    reader.run()
    reader.stub.videos["film1"].comments.append(comment(6, NOW + MINUTE))
    assert 6 in numbers(reader.wait(HOUR))


def test_the_time_since_the_last_reading_is_known_in_part(reader: Reader) -> None:
    first, second = told(reader.run()), told(reader.wait(HOUR))
    assert (first.coverage, first.since, first.until) == (Coverage.PARTIAL, NOW - 9 * HOUR, NOW)
    assert (second.coverage, second.since, second.until) == (Coverage.PARTIAL, NOW, NOW + HOUR)


def test_a_run_that_dies_reads_the_same_comments_again(reader: Reader) -> None:
    reader.stub.page = 2
    whole = numbers(reader.run())
    pages = len([*Reader(reader.api, reader.stub).follow()])
    for death in range(1, pages):
        other = Reader(reader.api, reader.stub)
        run = other.follow()
        got = [next(run) for _ in range(death)]
        run.close()
        assert sorted({*numbers(got), *numbers(other.wait(MINUTE))}) == whole, death


@pytest.mark.parametrize("item", [None, 7, "text", {}, {"snippet": []}, {"snippet": {"topLevelComment": 7}}])
def test_what_is_no_comment_is_one_item_left_out(reader: Reader, item: object) -> None:
    reader.stub.videos["film1"].comments.clear()
    reader.stub.refusals[THREADS] = [Reply({"kind": "x", "items": [item, comment(1, NOW)]})]
    items = [item for page in reader.run() for item in page.items]
    assert len(items) == 2
    with pytest.raises(SkipItem):
        YouTube.parse(items[0])
    assert YouTube.parse(items[1]).native_id == "Ugx1"


# --- videos that are left out


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [(403, "commentsDisabled", "whose comments are switched off"), (404, "videoNotFound", "that are gone or private")],
)
def test_a_video_that_refuses_is_left_out_and_told_and_the_others_are_read(
    reader: Reader, status: int, reason: str, words: str
) -> None:
    reader.stub.videos["film2"] = StubVideo(comments=[comment(50 + n, NOW, video="film2") for n in range(3)])
    reader.stub.refusals[THREADS] = [refusal(status, reason)]  # of film1, which has more
    pages = reader.run()
    assert numbers(pages) == [50, 51, 52]
    assert told(pages).reason.endswith(f"videos followed: 2, new comments: 3; 1 left out, {words}")
    assert "video film1" not in reader.memory


def test_a_video_with_its_comments_switched_off_is_not_even_asked(reader: Reader) -> None:
    reader.stub.videos["film1"].is_shut = True
    pages = reader.run()
    assert reader.asked(THREADS) == []
    assert told(pages).reason.endswith("; 1 left out, whose comments are switched off")


# --- the quota


def test_the_quota_of_a_day_is_never_overrun_over_restarts_and_crashes(reader: Reader) -> None:
    reader.stub.page = 1
    reader.settings = {"units_per_day": 12, "searches_per_day": 2, "search_every": "1s"}
    for number in range(30):
        run = reader.follow()
        for _ in range(1 + number % 4):  # and here the process is killed
            next(run, None)
        run.close()
        reader.now += MINUTE
    reader.run()
    assert reader.stub.charged["units"] <= 12
    assert reader.stub.charged["searches"] <= 2
    assert reader.memory["quota units"] == "12"
    asked = reader.stub.charged.total()
    pages = reader.wait(HOUR)
    assert reader.stub.charged.total() == asked
    assert "the units of a day are used up (12)" in pages[-1].reason
    assert told(pages).since is None


def test_what_the_quota_left_unread_is_read_the_next_day(reader: Reader) -> None:
    reader.settings = {"units_per_day": 1}
    assert numbers(reader.run()) == []
    reader.now, reader.settings = next_day(NOW) + HOUR, {}
    pages = reader.run()
    assert numbers(pages) == [0, 1, 2, 3, 4]
    assert told(pages).since == NOW - 9 * HOUR


QUOTA = [
    refusal(403, "quotaExceeded"),
    refusal(403, "dailyLimitExceeded"),
    refusal(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries' and limit 'Queries per day'"),
]


@pytest.mark.parametrize("reply", QUOTA, ids=["quota", "daily limit", "429 per day"])
def test_after_youtube_says_that_the_quota_is_used_up_nothing_is_asked_before_its_midnight(
    reader: Reader, reply: Reply
) -> None:
    reader.stub.refusals[VIDEOS] = [reply]
    pages = reader.run()
    assert pages[-1].coverage is Coverage.NOT_COVERED
    assert "YouTube counts anew at 2026-03-11 07:00 UTC" in pages[-1].reason
    while reader.now < next_day(NOW) - HOUR:
        reader.wait(HOUR)
        assert reader.asked(VIDEOS) == reader.asked(THREADS) == []
    reader.now = next_day(NOW) + HOUR
    assert numbers(reader.run()) == [0, 1, 2, 3, 4]


def test_a_used_up_search_quota_leaves_the_comments(reader: Reader) -> None:
    reader.run()
    reader.stub.refusals[SEARCH] = [QUOTA[0]]
    reader.stub.videos["film1"].comments.append(comment(5, NOW))
    assert numbers(reader.wait(6 * HOUR)) == [5]
    reader.wait(HOUR)
    assert reader.asked(SEARCH) == []


def test_a_limit_of_the_moment_is_waited_for(reader: Reader) -> None:
    reader.stub.refusals[VIDEOS] = [refusal(403, "rateLimitExceeded")]
    with pytest.raises(RetryLater, match="slower") as caught:
        reader.run()
    assert caught.value.until == NOW + timedelta(minutes=5)
    reader.stub.refusals[VIDEOS] = [refusal(429, "rateLimitExceeded")]
    with pytest.raises(RetryLater, match="asks us to wait"):
        reader.wait(HOUR)
    assert numbers(reader.wait(HOUR)) == [0, 1, 2, 3, 4]


def test_nothing_is_asked_at_the_turn_of_a_day(reader: Reader) -> None:
    reader.now = next_day(NOW) - MINUTE
    with pytest.raises(RetryLater, match="a new day"):
        reader.run()
    assert reader.stub.asked == []


@pytest.mark.parametrize("body", [{}, {"items": []}, {"kind": "x", "items": 7}, [], None])
def test_what_is_no_answer_does_not_pass_for_an_empty_one(reader: Reader, body: object) -> None:
    reader.run()
    known = dict(reader.memory)
    reader.stub.refusals[VIDEOS] = [Reply(body)]
    reader.now += HOUR
    with pytest.raises(RetryLater):
        reader.run()
    assert reader.memory["video film1"] == known["video film1"]


# --- the key


REFUSALS = [
    (refusal(400, "badRequest", "API key not valid."), "does not know the key in BUZZ_YOUTUBE_KEY: copy it from"),
    (refusal(400, "keyInvalid"), "does not know the key in BUZZ_YOUTUBE_KEY"),
    (Reply({}, 401), "does not know the key in BUZZ_YOUTUBE_KEY"),
    (refusal(403, "accessNotConfigured"), "enable YouTube Data API v3"),
    (refusal(403, "forbidden", details=[{"reason": "SERVICE_DISABLED"}]), "enable YouTube Data API v3"),
    (refusal(403, "ipRefererBlocked"), "is restricted to other machines"),
    (refusal(403, "forbidden", f"{KEY} <b>"), r"refuses with status 403 \(forbidden\)"),
    *(
        (reply, r"refuses with status 40[034] \(no reason\)")
        for reply in (
            Reply(b"<html>no</html>", 403),
            Reply({"error": 7}, 403),
            Reply({"error": {"errors": 7}}, 400),
            Reply([], 404),
        )
    ),
    (refusal(400, f"{KEY} <b>"), r"refuses with status 400 \(no reason\)"),
]


@pytest.mark.parametrize(("reply", "words"), REFUSALS)
def test_a_key_that_is_refused_is_told_with_what_to_do_and_never_shown(
    reader: Reader, reply: Reply, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    reader.stub.refusals[SEARCH] = [reply]
    pages: list[Page] = []
    with caplog.at_level(logging.DEBUG), pytest.raises(AccessError, match=words) as caught:
        pages += reader.follow()
    assert len(reader.stub.asked) == 1
    assert KEY not in f"{caught.value} {pages} {reader.memory} {caplog.text} {reader.source()!r}"
    assert KEY not in reader.stub.asked[0].raw_path + reader.stub.asked[0].query
    assert "[sources" not in str(caught.value)


@pytest.mark.parametrize(
    "api",
    ["https://evil.example", "http://www.googleapis.com", "https://www.googleapis.com.evil.example"],
)
def test_the_key_goes_to_nobody_else(reader: Reader, api: str) -> None:
    reader.settings = {"api": api}
    with pytest.raises(AccessError, match="mend api"):
        reader.run()


def test_the_key_does_not_follow_a_redirect(reader: Reader) -> None:
    with serving(lambda _: Reply({"kind": "x", "items": []})) as other:
        reader.stub.refusals[SEARCH] = [Reply(b"", 302, {"Location": other.url})]
        reader.run()
        assert len(other.asked) == 1
        assert not {"x-goog-api-key", "authorization"} & {name.casefold() for name in other.asked[0].headers}


def test_without_a_key_nothing_is_asked_and_it_is_told(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUZZ_YOUTUBE_KEY")
    [page] = reader.run()
    assert page.coverage is Coverage.NOT_COVERED
    assert "BUZZ_YOUTUBE_KEY, which is not set" in page.reason


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "키"])
def test_a_key_that_is_none_is_told_without_it(reader: Reader, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("BUZZ_YOUTUBE_KEY", key)
    [page] = reader.run()
    assert page.reason.startswith("BUZZ_YOUTUBE_KEY is no key of Google's")
    assert key not in page.reason
    assert reader.stub.asked == []


def test_a_key_in_the_config_itself_is_refused_and_not_shown(reader: Reader) -> None:
    reader.settings = {"key": KEY}
    [page] = reader.run()
    assert "names an environment variable" in page.reason
    assert KEY not in page.reason


# --- what stands around it


def test_it_is_off_until_it_is_switched_on() -> None:
    config = configs.parse("")
    assert config.sources["youtube"].enabled is False


def test_doctor_asks_one_question_and_tells_of_a_bad_key(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n'
    text += f'[sources.youtube]\nenabled = true\napi = "{reader.api}"\n' + only("youtube")
    http = Http(clock=lambda: NOW)

    def found() -> tuple[str, ...]:
        return dict(probe(configs.parse(text), "postgresql://nowhere/x", http))["source youtube"]

    assert found() == ()
    assert reader.stub.charged == {"units": 1}
    monkeypatch.setenv("BUZZ_YOUTUBE_KEY", "another")
    assert "does not know the key" in found()[0]
    monkeypatch.delenv("BUZZ_YOUTUBE_KEY")
    assert "which is not set" in found()[0]
