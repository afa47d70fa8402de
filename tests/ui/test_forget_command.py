"""`buzz forget` as a user meets it: posts, totals and archives follow, and faults are told in words."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import count, totals
from filling import NOON, Posted, fill

from analysis.archive.archiving import archive
from analysis.archive.files import Archive
from analysis.archive.format import read
from collector.author import AuthorKeys
from collector.store import Store
from ui.cli import main

Run = Callable[..., tuple[int, str, str]]
ANN = AuthorKeys(b"a secret for the tests").key("mastodon", "https://a.example/users/ann")
POSTS = (
    Posted(native_id="1", author_key=ANN, url="https://a.example/@ann/1"),
    Posted(native_id="2", author_key=ANN),
    Posted(native_id="3", author_key="b" * 16),
    Posted(native_id="4", url="https://a.example/@nobody/4"),
)


@pytest.fixture
def buzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "a secret for the tests")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buzz", "forget", "--db", "buzz.db", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n')
    opened = Store.open(f"sqlite:///{tmp_path / 'buzz.db'}")
    fill(opened, *POSTS)
    return opened


def test_an_author_goes_from_the_database_the_totals_and_the_archive(store: Store, buzz: Run, tmp_path: Path) -> None:
    later = NOON + timedelta(days=3)
    archive(store, tmp_path / "archive", later, drop=True)
    fill(store, Posted(native_id="5", author_key=ANN, at=later))
    code, out, _ = buzz("--author", "@ann@a.example", "--platform", "mastodon")
    assert (code, out) == (
        0,
        "1 post is gone and will not come back. 2 lie in an archive: `buzz archive` takes them out.\n",
    )
    assert count(store, "post") == 0
    archive(store, tmp_path / "archive", later)
    [partition] = Archive.open(tmp_path / "archive").partitions()
    assert [post.native_id for post in read(partition.file())] == ["3", "4"]
    assert [row[3] for row in totals(store)["title_day"]] == [2]


def test_a_post_or_its_whole_author_by_the_link_of_the_post(store: Store, buzz: Run) -> None:
    assert buzz("--uri", "https://a.example/@nobody/4", "--json")[:2] == (
        0,
        json.dumps({"posts": 1, "archived": 0}, indent=2) + "\n",
    )
    assert (
        buzz("--uri", "https://a.example/@ann/1", "--whole-author")[1] == "2 posts are gone and will not come back.\n"
    )
    assert count(store, "post") == 1


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 3, "say whom to forget: --uri of a post, or --author with --platform"),
        (("--uri", "1", "--author", "2"), 3, "say whom to forget"),
        (("--author", "@ann@a.example"), 3, "--author needs --platform"),
        (("--uri", "https://a.example/none"), 4, "no stored post has the id, address or link https://a.example/none"),
        (("--uri", "https://a.example/@nobody/4", "--whole-author"), 4, "mastodon does not say who wrote this post"),
        (("--author", "ann", "--platform", "x"), 4, "X tells authors by number"),
    ],
)
def test_faults_are_told_in_words(buzz: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended, _, err = buzz(*arguments)
    assert ended == code
    assert said in err
