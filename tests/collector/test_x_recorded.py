"""Real answers of X, as tweepy and twarc recorded them: each file is read whole."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from collector import x_post
from collector.clock import HOUR
from collector.reading import Fields
from collector.x_plan import counted
from collector.x_run import Answer

pytestmark = pytest.mark.data

POSTS = {  # how many posts each recorded answer holds, counted by hand
    "get_home_timeline": 98, "get_liked_tweets": 96, "get_list_tweets": 97, "get_tweet": 1, "get_tweets": 2,
    "get_users_tweets": 2, "search_all_tweets": 10, "search_recent_tweets": 10,
}  # fmt: skip
COUNTED = {  # whole hours and their posts; what each answer has at its ends are parts of hours
    "asyncclient_get_all_tweets_count": (733, 23023),
    "client_get_all_tweets_count": (738, 1714),
    "asyncclient_get_recent_tweets_count": (167, 5266),
    "client_get_recent_tweets_count": (167, 409),
}


def recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the answers of one recording."""
    for one in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        found = one["response"].get("body", one["response"].get("content"))
        body = found["string"] if isinstance(found, dict) else found
        body = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
        yield orjson.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


@pytest.mark.parametrize("client", ["asyncclient", "client"])
def test_recorded_answers_with_posts_are_read_whole(data_set: Callable[[str], Path], client: str) -> None:
    folder = data_set("fixtures/x_api_v2/tweepy")
    other = {"get_all_tweets_count", "get_recent_tweets_count", "search_spaces"}
    assert {path.stem.removeprefix(f"test_{client}_") for path in folder.glob(f"test_{client}_*.yaml")} == (
        POSTS.keys() | other
    )
    for name, many in POSTS.items():
        (answer,) = recorded(folder / f"test_{client}_{name}.yaml")
        posts = answer["data"] if isinstance(answer["data"], list) else [answer["data"]]
        page = Answer.read({**answer, "data": posts})
        assert (name, len(page.posts)) == (name, many)
        assert page.newest == answer.get("meta", {}).get("newest_id")
        assert page.is_last is ("next_token" not in answer.get("meta", {}))
        # these were asked for without their times, which we always ask for: their ids hold them
        times = {str(post["id"]): x_post.posted_at(post["id"]) for post in page.posts}
        drafts = [x_post.parse({**post, "created_at": str(times[post["id"]])}) for post in page.posts]
        assert len({draft.native_id for draft in drafts}) == many
        assert all(draft.text and 2019 <= draft.created_at.year <= 2022 for draft in drafts)


def test_recorded_counts_are_read_whole(data_set: Callable[[str], Path]) -> None:
    folder = data_set("fixtures/x_api_v2/tweepy")
    assert {path.stem for path in folder.glob("*_count.yaml")} == {f"test_{name}" for name in COUNTED}
    for name, (hours, posts) in COUNTED.items():
        answers = list(recorded(folder / f"test_{name}.yaml"))
        found = [counted(answer).hours for answer in answers]
        assert (name, len(found[0]), sum(found[0].values())) == (name, hours, posts)
        cut = [bucket["tweet_count"] for bucket in answers[0]["data"] if not _is_whole(bucket)]
        assert posts + sum(cut) == answers[0]["meta"]["total_tweet_count"]


def _is_whole(bucket: dict[str, Any]) -> bool:
    return bool(bucket["start"].endswith(":00:00.000Z") and bucket["end"].endswith(":00:00.000Z"))


def test_twarcs_counts_are_read_whole(data_set: Callable[[str], Path]) -> None:
    (line,) = data_set("fixtures/x_api_v2/twarc-csv/counts.jsonl").read_bytes().splitlines()
    answer = orjson.loads(line)
    hours = counted(answer).hours
    assert (len(answer["data"]), len(hours)) == (169, 167)
    assert sum(hours.values()) == 771_665 - 3961 - 2773
    assert all(hour % HOUR == 0 for hour in hours)
    assert Fields(answer).fields("meta").count("total_tweet_count") == 771_665
