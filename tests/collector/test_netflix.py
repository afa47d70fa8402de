"""Netflix's Top 10: both files, their old and new headers, and downloads that go wrong."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from loopback import Asked, Reply, serving

from collector.errors import AccessError, BuzzError, InputError, RetryLater
from collector.http import Answer, Http
from collector.ranking import WORLD, RankDraft, SkippedLine
from collector.rankings.netflix import ADDRESS, FORMER_ADDRESS, Netflix, NetflixSettings
from collector.source import Cursor

HEADER_2022 = "week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\tcumulative_weeks_in_top_10"
HEADER_NOW = (
    "week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\truntime\tweekly_views"
    "\tcumulative_weeks_in_top_10"
)
COUNTRIES = (
    b"country_name\tcountry_iso2\tweek\tcategory\tweekly_rank\tshow_title\tseason_title\tcumulative_weeks_in_top_10\n"
    b"Japan\tJP\t2022-01-30\tTV\t1\tNight School\tN/A\t1\n"
)
WORLDWIDE = HEADER_NOW.encode() + b"\n2022-01-30\tTV (Non-English)\t1\tNight School\tN/A\t124790000\t\t\t1"


def row(*lines: str) -> RankDraft:
    (only,) = Netflix.parse(lines, "a.tsv")
    assert isinstance(only, RankDraft)
    return only


def reason(cells: str, header: str = HEADER_2022) -> str:
    (only,) = Netflix.parse([header, cells], "a.tsv")
    assert isinstance(only, SkippedLine)
    return only.reason


# --- reading


def test_the_worlds_file_of_2022_has_hours_and_no_views() -> None:
    assert row(HEADER_2022, "2022-01-30\tTV (Non-English)\t1\tNight School\tNight School: Season 1\t124790000\t1") == (
        RankDraft(
            provider="netflix",
            period="week",
            date=date(2022, 1, 30),
            country=WORLD,
            category="TV (Non-English)",
            name="Night School",
            season="Night School: Season 1",
            rank=1,
            hours=124_790_000,
            weeks_in=1,
        )
    )


def test_the_worlds_file_of_today_has_views_and_the_runtime() -> None:
    found = row(HEADER_NOW, "2026-07-19\tFilms (English)\t2\tLantern Street\tN/A\t11200000\t1.9667\t5700000\t5")
    assert (found.hours, found.runtime, found.views, found.weeks_in, found.season) == (
        11_200_000,
        1.9667,
        5_700_000,
        5,
        None,
    )


def test_columns_are_found_by_name_in_any_order_and_unknown_ones_are_left_alone() -> None:
    found = row("new\tshow_title\tweekly_rank\tcategory\tweek", "?\tNight School\t3\tTV\t2022-01-30")
    assert (found.name, found.rank, found.category, found.date) == ("Night School", 3, "TV", date(2022, 1, 30))


def test_a_row_of_a_country_has_its_code_and_name() -> None:
    found = row(*COUNTRIES.decode().splitlines())
    assert (found.country, found.country_name, found.hours) == ("JP", "Japan", None)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("2022-01-29\tTV\t1\tA\tN/A\t1\t1", "week is 2022-01-29, which is no Sunday"),
        ("30.01.2022\tTV\t1\tA\tN/A\t1\t1", "week is not a date such as 2022-01-30: '30.01.2022'"),
        ("2022-01-30\tTV\tfirst\tA\tN/A\t1\t1", "weekly_rank is not a whole number: 'first'"),
        ("2022-01-30\tTV\tN/A\tA\tN/A\t1\t1", "weekly_rank is empty"),
        ("2022-01-30\tTV\t0\tA\tN/A\t1\t1", "weekly_rank is 0, which is not within 1 and 2147483647"),
        ("2022-01-30\tTV\t1\tN/A\tN/A\t1\t1", "show_title is empty"),
        ("2022-01-30\tTV\t1\tA\tN/A\t-5\t1", "weekly_hours_viewed is not a whole number: '-5'"),
        ("2022-01-30\tTV\t1\t" + "A" * 501 + "\tN/A\t1\t1", "show_title is longer than 500 characters"),
        ("2022-01-30\tTV\t1\tCaf\udce9\tN/A\t1\t1", "show_title is not UTF-8 text; save the file as UTF-8"),
        ("2022-01-30\tTV\t1\tA", "has 4 cells where the header has 7"),
    ],
)
def test_a_wrong_cell_is_named(cells: str, words: str) -> None:
    assert reason(cells) == words


def test_a_wrong_country_is_named() -> None:
    header, _ = COUNTRIES.decode().splitlines()
    assert reason("Japan\tJPN\t2022-01-30\tTV\t1\tA\tN/A\t1", header) == "country_iso2 is not a two-letter code: 'JPN'"


def test_the_most_popular_lists_are_refused_because_they_tell_no_week() -> None:
    with pytest.raises(InputError, match=r"tells no week.*import all-weeks-global"):
        row("category\trank\tshow_title\tseason_title\thours_viewed_first_91_days", "TV\t1\tA\tN/A\t1")


# --- downloading


def settings(url: str) -> NetflixSettings:
    return NetflixSettings(countries_url=f"{url}/countries.tsv", global_url=f"{url}/global.tsv")


def both(asked: Asked) -> Reply:
    """Serve both files, and a 304 to who knows the tag."""
    body, tag = (COUNTRIES, '"c1"') if "countries" in asked.path else (WORLDWIDE, '"g1"')
    if asked.headers.get("If-None-Match") == tag:
        return Reply(b"", 304, {"ETag": tag})
    return Reply(body, headers={"ETag": tag, "Last-Modified": "Tue, 01 Feb 2022 20:00:00 GMT"})


def remembered(netflix: Netflix, folder: Path) -> Cursor:
    values: dict[str, str] = {}
    for file in netflix.fetch(Cursor(), folder):
        values |= file.cursor
    return Cursor(values)


def test_both_files_are_downloaded_with_what_to_remember(tmp_path: Path) -> None:
    with serving(both) as server:
        files = list(Netflix(settings(server.url), Http()).fetch(Cursor(), tmp_path))
        assert [file.path.read_bytes() for file in files] == [COUNTRIES, WORLDWIDE]
        assert files[0].label == f"{server.url}/countries.tsv"
        assert files[0].cursor == {
            "countries address": f"{server.url}/countries.tsv",
            "countries etag": '"c1"',
            "countries modified": "Tue, 01 Feb 2022 20:00:00 GMT",
        }


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    with serving(both) as server:
        netflix = Netflix(settings(server.url), Http())
        cursor = remembered(netflix, tmp_path)
        server.asked.clear()
        (tmp_path / "again").mkdir()
        assert list(netflix.fetch(cursor, tmp_path / "again")) == []
        assert [asked.headers["If-None-Match"] for asked in server.asked] == ['"c1"', '"g1"']
        assert all(asked.headers["If-Modified-Since"].startswith("Tue, 01 Feb") for asked in server.asked)


def test_another_address_is_asked_without_the_tags_of_the_old_one(tmp_path: Path) -> None:
    with serving(both) as server:
        cursor = remembered(Netflix(settings(server.url), Http()), tmp_path)
        server.asked.clear()
        moved = Netflix(settings(f"{server.url}/moved"), Http())
        assert len(list(moved.fetch(cursor, tmp_path))) == 2
        assert not any("If-None-Match" in asked.headers for asked in server.asked)


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    def moved(asked: Asked) -> Reply:
        return both(asked) if asked.path.startswith("/new") else Reply(b"", 302, {"Location": f"/new{asked.path}"})

    with serving(moved) as server:
        assert len(list(Netflix(settings(server.url), Http()).fetch(Cursor(), tmp_path))) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty, which is never Netflix's ranking"),
        (b"<!DOCTYPE html><title>Hello</title>", "is a web page and not Netflix's table"),
        (COUNTRIES.splitlines(keepends=True)[1], "does not begin with Netflix's header: it lacks week"),
        (COUNTRIES.splitlines(keepends=True)[0], "has a header and no rows"),
        (COUNTRIES[:-20], "was cut off in the middle of a line"),
    ],
    ids=["empty", "web page", "no header", "no rows", "cut off"],
)
def test_an_answer_that_is_no_ranking_is_an_error_and_the_other_file_is_read(
    body: bytes, words: str, tmp_path: Path
) -> None:
    with serving(lambda asked: Reply(body) if "countries" in asked.path else both(asked)) as server:
        files = Netflix(settings(server.url), Http()).fetch(Cursor(), tmp_path)
        assert next(files).label.endswith("global.tsv")
        with pytest.raises(InputError, match=words):
            next(files)


def test_a_body_shorter_than_announced_is_asked_for_later_and_not_read(tmp_path: Path) -> None:
    short = Reply(COUNTRIES, headers={"Content-Length": str(len(COUNTRIES) + 100)})
    with serving(lambda asked: short if "countries" in asked.path else both(asked)) as server:
        files = Netflix(settings(server.url), Http()).fetch(Cursor(), tmp_path)
        assert next(files).label.endswith("global.tsv")
        with pytest.raises(RetryLater, match=r"^127\.0\.0\.1:\d+ "):
            next(files)
        assert not (tmp_path / "netflix-countries.tsv").exists()


def test_an_answer_without_a_table_is_an_error(tmp_path: Path) -> None:
    with (
        serving(lambda _: Reply(b"", 304)) as server,
        pytest.raises(InputError, match="status 304 and no table"),
    ):
        list(Netflix(settings(server.url), Http()).fetch(Cursor(), tmp_path))


class FakeHttp(Http):
    """Answers downloads from a table of bodies or faults by address; remembers what was asked."""

    def __init__(self, answers: Mapping[str, bytes | BuzzError]) -> None:
        super().__init__()
        self.answers = answers
        self.downloaded: list[str] = []

    def download(self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, max_bytes: int = 0) -> Answer:
        self.downloaded.append(url)
        answer = self.answers[url.rpartition("/")[2] if url.startswith(FORMER_ADDRESS) else url]
        if isinstance(answer, BuzzError):
            raise answer
        path.write_bytes(answer)
        return Answer(url, 200, {}, b"", datetime.now(UTC))


GONE = AccessError("www.netflix.com does not know what we asked for (status 404)")
WAIT = RetryLater("www.netflix.com asks us to wait", until=datetime(2026, 1, 1, tzinfo=UTC))


def netflix_answering(first: bytes | BuzzError) -> FakeHttp:
    former: dict[str, bytes | BuzzError] = {"all-weeks-countries.tsv": COUNTRIES, "all-weeks-global.tsv": WORLDWIDE}
    return FakeHttp(former | {ADDRESS + name: first for name in former})


@pytest.mark.parametrize("fault", [GONE, b"<html>moved</html>", b""])
def test_when_the_address_has_no_table_the_former_host_is_asked(fault: bytes | BuzzError, tmp_path: Path) -> None:
    http = netflix_answering(fault)
    files = list(Netflix(NetflixSettings(), http).fetch(Cursor(), tmp_path))
    assert [file.label for file in files] == [
        FORMER_ADDRESS + name for name in ("all-weeks-countries.tsv", "all-weeks-global.tsv")
    ]


def test_who_asks_us_to_wait_is_not_passed_by(tmp_path: Path) -> None:
    http = netflix_answering(WAIT)
    with pytest.raises(RetryLater):
        list(Netflix(NetflixSettings(), http).fetch(Cursor(), tmp_path))
    assert all(url.startswith(ADDRESS) for url in http.downloaded)


def test_an_address_of_ones_own_is_the_only_one_asked(tmp_path: Path) -> None:
    own = "https://example.org/a.tsv"
    http = FakeHttp({own: GONE})
    with pytest.raises(AccessError):
        list(Netflix(NetflixSettings(global_url=own, countries_url=own), http).fetch(Cursor(), tmp_path))
    assert set(http.downloaded) == {own}


@pytest.mark.data
def test_netflixs_own_files_are_read_without_a_skipped_line(data_set: Callable[[str], Path]) -> None:
    for name, rows in (("all-weeks-countries_2022-03.tsv", 65_800), ("all-weeks-global.tsv", 10_560)):
        with data_set(f"rankings/{name}").open(encoding="utf-8") as lines:
            kinds = [type(row) for row in Netflix.parse(lines, name)]
        assert kinds.count(RankDraft) == len(kinds) == rows
