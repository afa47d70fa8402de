"""`buzz archive` and `buzz relabel` as typed: results in words and as JSON, faults in one sentence."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, fill
from in_process import InProcess

from collector.clock import now
from collector.store import Store


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    """A folder with a config and a database of three posts, two of them of 2022."""
    shutil.copy(sqlite_template, tmp_path / "buzzchart.db")
    (tmp_path / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nphrases = ["Squid Game"]\n', "utf-8")
    with Store.open(f"sqlite:///{tmp_path / 'buzzchart.db'}") as store:
        fill(store, Posted("I love it"), Posted("so so", at=NOON + timedelta(days=1)), Posted("today", at=now()))
    return tmp_path


def test_archiving_and_labelling_tell_what_they_did(folder: Path, buzz: InProcess) -> None:
    first = buzz("archive", "archive", "--json", folder=folder)
    assert (first.returncode, first.stderr) == (0, "")
    done = {"archive": "archive", "written": 2, "unchanged": 0, "posts": 2, "dropped": 0, "elsewhere": []}
    assert json.loads(first.stdout) == done
    dropping = buzz("archive", "archive", "--drop", "--before", "2022-02-02", folder=folder)
    assert dropping.stdout.splitlines() == [
        "archive: 0 partitions written, 1 were so already (1 posts).",
        "1 posts were dropped from the database; their totals stay.",
    ]
    labelled = buzz("relabel", "--archive", "archive", "--workers", 1, folder=folder)
    assert labelled.stdout == (
        "2 partitions labelled, 0 had these labels already; 1 posts of the database labelled, 1 hours totalled.\n"
    )
    rest = buzz("relabel", "--json", folder=folder)
    assert json.loads(rest.stdout)["posts"] == 1  # that of today, which no archive has


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("archive", "archive", "--drop"), 3, "--before 2"),
        (("archive", "archive", "--before", "soon"), 3, '--before "soon" is not a date'),
        (("archive", "."), 4, "holds other files"),
        (("relabel", "--archive", "none"), 4, "none is no archive: `buzz archive none` makes one"),
        (("relabel", "--master", "local[2]"), 3, "--engine spark"),
        (("relabel", "--engine", "spark", "--workers", 2), 3, "--engine local"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    folder: Path, buzz: InProcess, words: tuple[object, ...], code: int, said: str
) -> None:
    done = buzz(*words, folder=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
    assert said in done.stderr
