import csv
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.config import parse, template
from collector.match import TitleMatcher
from collector.ranking import RankDraft
from collector.rankings.csv import CsvRankings
from collector.sample import SampleFile, rankings_files, write_sample
from collector.sample.generate import HOLE, sample_posts
from collector.sample.people import X_LIMIT, SamplePost, x_length
from collector.sample.shapes import SERVERS
from collector.sample.story import END, RELEASE, START, STORY
from collector.sample.words import Line, lines, voices
from collector.text import plain_text, unescape

PEAK = datetime(2022, 2, 1, 14, tzinfo=UTC)
KINDS = {"praise", "gripe", "joke", "sarcasm", "neutral", "hostile"}


@pytest.fixture(scope="module")
def written() -> list[Line]:
    return lines()


@pytest.fixture(scope="module")
def posts() -> list[SamplePost]:
    return sample_posts()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[SampleFile]:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def matcher() -> TitleMatcher:
    return TitleMatcher(parse(template()).titles)


def records(file: SampleFile) -> Iterator[dict[str, Any]]:
    with gzip.open(file.path, "rt", encoding="utf-8") as opened:
        yield from map(json.loads, opened)


def tweets(files: Sequence[SampleFile]) -> list[dict[str, Any]]:
    return [post for file in files if file.format == "x" for page in records(file) for post in page["data"]]


def statuses(files: Sequence[SampleFile]) -> list[dict[str, Any]]:
    return [status for file in files if file.format == "mastodon" for status in records(file)]


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def a_day(posts: Sequence[SamplePost]) -> Mapping[str, int]:
    return Counter(f"{post.created_at:%m-%d}" for post in posts)


# ---- the words


def test_more_than_450_different_posts_were_written_in_at_least_nine_languages(written: list[Line]) -> None:
    assert len(written) == len({line.text for line in written}) >= 450
    spoken = Counter(line.language for line in written)
    assert len(spoken) >= 9
    assert min(spoken.values()) >= 10


def test_every_kind_is_there_and_a_tenth_is_sarcasm(written: list[Line]) -> None:
    kinds = Counter(line.kind for line in written)
    assert set(kinds) == KINDS
    assert kinds["sarcasm"] / len(written) >= 0.1
    assert kinds["hostile"] >= 12


def test_each_written_post_speaks_of_just_the_titles_it_is_filed_under(
    written: list[Line], matcher: TitleMatcher
) -> None:
    names = [title.name for title in parse(template()).titles]
    wrong = [
        (line.text, found)
        for line in written
        if (found := [names[at] for at in matcher.match(line.text)]) != list(line.titles)
    ]
    assert wrong == []


def test_most_is_about_all_of_us_are_dead_and_the_other_two_are_there(written: list[Line]) -> None:
    titles = Counter(title for line in written for title in line.titles)
    assert titles["All of Us Are Dead"] > len(written) / 2
    assert titles["Squid Game"] >= 40
    assert titles["Hellbound"] >= 25


def test_what_the_waves_tell_of_was_written_and_what_was_written_is_told(written: list[Line]) -> None:
    assert {(line.titles[0], line.themes[0]) for line in written} == {(wave.title, wave.theme) for wave in STORY}


def test_no_post_names_a_handle(written: list[Line], posts: list[SamplePost]) -> None:
    handle = re.compile(r"(?<!\w)@\w+")
    # a spreadsheet formula begins with @SUM
    assert {found for line in written for found in handle.findall(line.text)} == {"@SUM"}
    assert {found for post in posts for found in handle.findall(post.text)} == {"@SUM"}


def test_each_language_has_a_voice_with_every_part() -> None:
    words = voices()
    assert set(words.by_language) == {line.language for line in lines() if line.kind != "hostile"}
    for voice in words.by_language.values():
        assert all(isinstance(number, int) for number in (voice.share, voice.zone))
        assert voice.openings
        assert voice.endings
        assert voice.extra
        assert voice.tags
        assert bool(voice.lower) == voice.casual


# ---- the story


def test_thousands_of_posts_tell_the_story_in_its_six_weeks(posts: list[SamplePost]) -> None:
    assert 7_000 <= len(posts) <= 9_000
    assert min(post.created_at for post in posts) >= START
    assert max(post.created_at for post in posts) < END
    assert posts == sorted(posts, key=lambda post: post.created_at)


def test_copies_exist_but_are_rare(posts: list[SamplePost]) -> None:
    copies = len(posts) - len({post.text for post in posts})
    assert 20 <= copies < 0.08 * len(posts)


def test_one_text_comes_from_many_accounts_within_minutes(posts: list[SamplePost]) -> None:
    wave = [post for post in posts if post.theme == "copies"]
    assert len({post.text for post in wave}) == 1
    assert len({(post.platform, post.author.number) for post in wave}) == len(wave) >= 30
    assert wave[-1].created_at - wave[0].created_at < timedelta(minutes=10)


def test_the_highest_hour_is_the_zombie_choreography_peak(posts: list[SamplePost]) -> None:
    hours = Counter(hour(post.created_at) for post in posts)
    (top, most), (_, second) = hours.most_common(2)
    assert top == PEAK
    assert most > 1.3 * second
    in_peak = [post for post in posts if hour(post.created_at) == PEAK]
    assert sum(post.theme == "choreography" for post in in_peak) > 0.8 * len(in_peak)


def test_little_before_the_release_then_a_premiere_then_a_livelier_sunday(posts: list[SamplePost]) -> None:
    days = a_day(posts)
    assert max(days[f"01-{day}"] for day in range(21, 28)) < 0.25 * days["01-28"]
    assert days["01-30"] > days["01-29"]
    assert days["01-30"] > days["01-31"]
    assert days["02-13"] < 0.2 * days["01-30"]
    before = [post for post in posts if post.created_at < RELEASE]
    assert {post.theme for post in before} == {"anticipation", "background"}
    hours = Counter(hour(post.created_at) for post in posts if post.created_at < datetime(2022, 1, 29, tzinfo=UTC))
    assert hours.most_common(1)[0][0] - RELEASE <= timedelta(hours=4)


def test_squid_game_rises_a_little_with_the_award_show(posts: list[SamplePost]) -> None:
    days = a_day([post for post in posts if "awards" in post.theme or "#squidgame" in post.text.casefold()])
    assert days["02-27"] > 2 * max(days[f"02-{day}"] for day in range(10, 24))


def test_koreans_sleep_while_spain_and_america_write(posts: list[SamplePost]) -> None:
    korean = Counter(post.created_at.hour for post in posts if post.language == "ko" and post.theme != "choreography")
    night, evening = (sum(korean[at % 24] for at in hours) for hours in (range(17, 22), range(10, 15)))
    assert evening > 2 * night


def test_likes_have_a_long_tail_and_authors_do_too(posts: list[SamplePost]) -> None:
    likes = sorted(post.likes for post in posts)
    assert likes[len(likes) // 2] <= 5
    assert likes[-1] >= 1_000
    authors = Counter((post.platform, post.language, post.author.number) for post in posts)
    assert len(authors) > len(posts) / 2
    assert authors.most_common(1)[0][1] >= 8


def test_sarcasm_is_a_tenth_of_what_is_told(posts: list[SamplePost]) -> None:
    assert sum(post.kind == "sarcasm" for post in posts) >= 0.1 * len(posts)


# ---- the files


def test_two_runs_write_the_same_bytes(files: list[SampleFile], tmp_path: Path) -> None:
    def digests(made: Sequence[SampleFile]) -> list[tuple[str, str]]:
        return [(file.path.name, hashlib.sha256(file.path.read_bytes()).hexdigest()) for file in made]

    assert digests(write_sample(tmp_path)) == digests(files)


def test_each_file_keeps_to_the_window_it_speaks_for(files: list[SampleFile]) -> None:
    for file in files:
        made = tweets([file]) or statuses([file])
        times = [datetime.fromisoformat(post["created_at"]) for post in made]
        assert file.since <= min(times)
        assert max(times) < file.until


def test_mastodon_has_a_hole_where_people_wrote_and_x_has_none(
    files: list[SampleFile], posts: list[SamplePost]
) -> None:
    x, *mastodon = files
    assert [file.format for file in files] == ["x", "mastodon", "mastodon"]
    assert (x.since, x.until) == (mastodon[0].since, mastodon[1].until) == (START, END)
    assert (mastodon[0].until, mastodon[1].since) == HOLE
    lost = [post for post in posts if post.platform == "mastodon" and HOLE[0] <= post.created_at < HOLE[1]]
    assert lost
    assert len(tweets(files)) + len(statuses(files)) == len(posts) - len(lost)


def test_about_a_fifth_is_on_mastodon_on_servers_that_cannot_exist(files: list[SampleFile]) -> None:
    x, mastodon = len(tweets(files)), statuses(files)
    assert 0.15 < len(mastodon) / (x + len(mastodon)) < 0.25
    homes = {status["uri"].split("/")[2] for status in mastodon}
    assert homes == set(SERVERS)
    assert all(home.endswith(".example") for home in homes)


def test_every_exported_post_matches_a_title(files: list[SampleFile], matcher: TitleMatcher) -> None:
    texts = [unescape(post["text"]) for post in tweets(files)]
    texts += [plain_text(status["content"]) for status in statuses(files)]
    assert [text for text in texts if not matcher.match(text)] == []


def test_x_pages_have_the_shape_that_twarc_writes(files: list[SampleFile]) -> None:
    pages = list(records(files[0]))
    for page in pages:
        ids = [int(post["id"]) for post in page["data"]]
        assert page.keys() == {"data", "includes", "meta", "__twarc"}
        assert page["meta"]["result_count"] == len(ids) <= 100
        assert (page["meta"]["newest_id"], page["meta"]["oldest_id"]) == (str(max(ids)), str(min(ids)))
        assert ids == sorted(ids, reverse=True)
        assert {user["id"] for user in page["includes"]["users"]} == {post["author_id"] for post in page["data"]}
    assert ["next_token" in page["meta"] for page in pages] == [True] * (len(pages) - 1) + [False]


def test_x_ids_are_snowflakes_of_their_time_and_unique(files: list[SampleFile]) -> None:
    found = tweets(files)
    assert len({post["id"] for post in found}) == len(found)
    for post in found:
        told = datetime.fromtimestamp(((int(post["id"]) >> 22) + 1_288_834_974_657) / 1000, UTC)
        assert abs(told - datetime.fromisoformat(post["created_at"])) < timedelta(seconds=1.01)


def test_x_texts_fit_are_escaped_and_their_hashtags_stand_where_they_say(files: list[SampleFile]) -> None:
    for post in tweets(files):
        assert x_length(unescape(post["text"])) <= X_LIMIT
        assert not {"<", ">"} & set(post["text"])
        for tag in post["entities"]["hashtags"]:
            assert post["text"][tag["start"] : tag["end"]] == f"#{tag['tag']}"


def test_invented_people_cannot_be_taken_for_real_ones(files: list[SampleFile]) -> None:
    users = [user for page in records(files[0]) for user in page["includes"]["users"]]
    handles = {user["username"] for user in users} | {status["account"]["username"] for status in statuses(files)}
    assert all(re.fullmatch(r"invented_\d{5}", handle) for handle in handles)
    assert all(int(user["id"]) >= 9 * 10**18 for user in users)


def test_mastodon_statuses_are_unique_by_uri_and_carry_their_hashtags(files: list[SampleFile]) -> None:
    found = statuses(files)
    assert len({status["uri"] for status in found}) == len(found)
    for status in found:
        assert status["uri"].endswith(f"/statuses/{status['id']}")
        for tag in status["tags"]:
            assert f"#{tag['name']}" in plain_text(status["content"]).casefold()


def test_hostile_text_reaches_the_files_as_text(files: list[SampleFile], posts: list[SamplePost]) -> None:
    hostile = {post.text for post in posts if post.kind == "hostile"}
    assert hostile == {line.text for line in lines() if line.kind == "hostile"}
    told = {unescape(post["text"]) for post in tweets(files)} | {
        plain_text(status["content"]) for status in statuses(files)
    }
    assert sum(text.replace("\x00", "").strip() in told or text in told for text in hostile) == len(hostile)


# ---- the ranking figures


def rows(name: str) -> list[dict[str, str]]:
    (path,) = (path for path in rankings_files() if path.name == name)
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_ranking_row_names_its_source_and_speaks_of_a_watched_title() -> None:
    titles = {title.name for title in parse(template()).titles}
    found = [row for path in rankings_files() for row in rows(path.name)]
    assert len(found) > 600
    assert all(row["source"].strip() for row in found)
    assert {row["title"] for row in found} == titles


def test_the_ranking_reader_takes_every_row() -> None:
    for path in rankings_files():
        with path.open(encoding="utf-8") as opened:
            read = list(CsvRankings.parse(opened, path.name))
        assert all(isinstance(row, RankDraft) for row in read)
        assert len(read) == len(rows(path.name))


@pytest.mark.parametrize(
    ("title", "week", "hours", "first", "top10"),
    [
        ("All of Us Are Dead", "2022-01-30", 124_790_000, 29, 91),
        ("All of Us Are Dead", "2022-02-06", 236_230_000, 63, 94),
        ("All of Us Are Dead", "2022-02-13", 113_240_000, 35, 94),
        ("All of Us Are Dead", "2022-02-20", 62_130_000, 9, 89),
        ("Squid Game", "2021-09-19", 63_190_000, 8, 82),
        ("Hellbound", "2021-11-21", 43_480_000, 12, 71),
    ],
)
def test_netflix_golden_figures_hold(title: str, week: str, hours: int, first: int, top10: int) -> None:
    found = [row for row in rows("netflix_weekly.csv") if (row["title"], row["date"]) == (title, week)]
    (world,) = (row for row in found if not row["country"])
    countries = [row["rank"] for row in found if row["country"]]
    assert (int(world["hours"]), int(world["no1_countries"]), int(world["countries_covered"])) == (hours, first, 94)
    assert (countries.count("1"), len(countries)) == (first, top10)
    assert world["rank"] == "1"


def test_netflix_rows_know_the_countries_that_matter_week_by_week() -> None:
    weeks = defaultdict(set)
    for row in rows("netflix_weekly.csv"):
        if row["country"] and row["title"] == "All of Us Are Dead":
            weeks[row["date"]].add(row["country"])
    assert set(weeks) == {"2022-01-30", "2022-02-06", "2022-02-13", "2022-02-20", "2022-02-27"}
    assert {"KR", "US", "GB", "JP", "BR", "MX", "ES", "FR", "DE", "ID", "TH", "TR"} <= weeks["2022-02-06"]


@pytest.mark.parametrize(
    ("title", "day", "points"),
    [
        ("All of Us Are Dead", "2022-01-29", "679"),
        ("Squid Game", "2021-09-17", "231"),
        ("Hellbound", "2021-11-19", "634"),
    ],
)
def test_flixpatrol_golden_points_hold(title: str, day: str, points: str) -> None:
    (row,) = (row for row in rows("flixpatrol_daily.csv") if (row["title"], row["date"]) == (title, day))
    assert row["points"] == points
    if title == "All of Us Are Dead":
        assert (row["no1_countries"], row["countries_covered"]) == ("25", "88")
