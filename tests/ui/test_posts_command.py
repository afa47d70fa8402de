"""`buzz posts` as a user meets it: how many answer to a search, and the first of them, in words and as JSON."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, fill

from collector.store import Store
from ui.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of four posts: two platforms, one not labelled, one invented."""
    made = tmp_path_factory.mktemp("posts")
    with Store.open(f"sqlite:///{made / 'buzz.db'}") as store:
        fill(
            store,
            Posted(native_id="1", text="zombie\ndance \x1b[31m", topics=("dance",), sentiment="positive", likes=3),
            Posted(native_id="2", text="zombie from x", platform="x", at=NOON + timedelta(hours=1), titles=()),
            Posted(native_id="3", text="좀비 안무", sentiment=None),
            Posted(native_id="4", text="a sample zombie", platform="x", sample=True, language="ko"),
        )
    return made


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def buzz(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `buzz posts` in this process; its exit code, and what it printed on either output."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buzz", "posts", "--db", "buzz.db", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_a_search_prints_how_many_answer_and_the_posts_with_their_labels(buzz: Run) -> None:
    printed = (
        "2 posts.\n\n"
        "2022-02-01T12:00:00Z · mastodon · en · positive +0.80 · 3 engagements · Squid Game · dance\n"
        "  zombie\n  dance \\u001b[31m\n\n"
        "2022-02-01T13:00:00Z · x · en · neutral +0.00 · engagement unknown · no title\n"
        "  zombie from x\n"
    )
    assert buzz("zombie -is:sample", "--order", "oldest") == (0, printed, "")


def test_invented_posts_are_called_so(buzz: Run) -> None:
    _, out, _ = buzz("zombie", "--limit", "0")
    assert out == "3 posts, 0 shown; 1 of them are invented sample posts.\n"
    _, out, _ = buzz("is:sample")
    assert "1 post; 1 of them are invented sample posts." in out
    assert "Squid Game · invented sample post" in out


def test_a_post_without_labels_shows_dashes(buzz: Run) -> None:
    _, out, _ = buzz("좀비")
    assert "mastodon · — · not labelled yet · engagement unknown · Squid Game\n  좀비 안무\n" in out


def test_json_has_the_count_and_the_posts_and_leaves_the_texts_of_x_out(buzz: Run) -> None:
    code, out, err = buzz("zombie", "--json", "--order", "oldest")
    told = json.loads(out)
    assert (code, err, told["count"], told["sample"]) == (0, "", 3, 1)
    assert [(post["native_id"], post["text"]) for post in told["posts"]] == [
        ("1", "zombie\ndance \x1b[31m"),
        ("4", "a sample zombie"),
        ("2", None),
    ]
    assert told["posts"][0] | {"text": ""} == {
        "platform": "mastodon",
        "native_id": "1",
        "url": None,
        "created_at": "2022-02-01T12:00:00Z",
        "titles": ["Squid Game"],
        "hashtags": [],
        "language": "en",
        "sentiment": "positive",
        "score": 0.8,
        "topics": ["dance"],
        "likes": 3,
        "reposts": None,
        "replies": None,
        "text": "",
        "sample": False,
    }


def test_without_a_search_all_posts_are_listed(buzz: Run) -> None:
    _, out, _ = buzz("--limit", "1", "--order", "newest")
    assert out.startswith("4 posts, 1 shown; 1 of them are invented sample posts.\n\n2022-02-01T13:00:00Z · x")


def test_a_search_that_begins_with_a_minus_follows_two_dashes(buzz: Run) -> None:
    _, out, _ = buzz("--limit", "0", "--", "-zombie")
    assert out == "1 post, 0 shown.\n"


def test_a_search_that_cannot_be_read_ends_in_one_sentence(buzz: Run) -> None:
    told = (
        "buzz: the search, at character 8: AND is not needed: what stands side by side must all be there; "
        'for the word itself, write "AND"\n'
    )
    assert buzz("zombie", "AND", "dance") == (3, "", told)


def test_a_database_that_is_not_there_is_told(buzz: Run) -> None:
    code, _, err = buzz("zombie", "--db", "missing.db")
    assert (code, err.count("\n")) == (5, 1)
    assert "missing.db is not there yet" in err
