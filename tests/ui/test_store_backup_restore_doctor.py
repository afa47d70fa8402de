"""`buzz store copy`, `backup`, `restore` and `doctor` as typed: results in words and JSON, faults in one sentence."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filling import Posted, fill
from in_process import InProcess
from only import only

from collector.author import VARIABLE
from collector.clock import now
from collector.store import Store


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    """A folder with a config and a database of two posts."""
    shutil.copy(sqlite_template, tmp_path / "buzzchart.db")
    (tmp_path / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nphrases = ["Squid Game"]\n', "utf-8")
    with Store.open(f"sqlite:///{tmp_path / 'buzzchart.db'}") as store:
        fill(store, Posted("I love it", topics=("acting",)), Posted("so so"))
    return tmp_path


def spoil(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "buzzchart.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_copy_is_told_table_by_table(folder: Path, buzz: InProcess) -> None:
    done = buzz("store", "copy", "buzzchart.db", "copy.db", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    head, *tables, last = done.stdout.splitlines()
    assert head.split() == ["table", "rows", "digest", "of", "the", "original", "digest", "of", "the", "copy"]
    post = next(line.split() for line in tables if line.startswith("post "))
    assert (post[1], post[2] == post[3], len(post[2]), post[4]) == ("2", True, 32, "equal")
    assert last.startswith(f"{len(tables)} of {len(tables)} tables are equal, ")


def test_a_copy_is_told_as_json_and_takes_addresses_from_the_environment(
    folder: Path, buzz: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_DATABASE", f"sqlite:///{folder / 'buzzchart.db'}")
    done = json.loads(buzz("store", "copy", "env:MY_DATABASE", "copy.db", "--json", folder=folder).stdout)
    assert (done["equal"], done["from"], done["to"], done["cleaned"]) == (True, "env:MY_DATABASE", "copy.db", 0)
    post = next(table for table in done["tables"] if table["table"] == "post")
    assert (post["rows"], post["rows_copied"], post["equal"]) == (2, 2, True)


def test_a_backup_says_what_is_not_in_it_and_comes_back(
    folder: Path, buzz: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "a secret of sixteen or more")
    made = buzz("backup", "b.db.gz", folder=folder)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("b.db.gz: ")
    assert f"Not in it, keep a copy apart: config.toml and {VARIABLE}." in made.stdout
    spoil(folder, "DELETE FROM post")
    refused = buzz("restore", "b.db.gz", folder=folder)
    assert (refused.returncode, "holds rows already" in refused.stderr) == (5, True)
    monkeypatch.setenv(VARIABLE, "another secret, just as long")
    back = buzz("restore", "b.db.gz", "--replace", "--json", folder=folder)
    assert back.stderr == (
        f"buzz: the author key of this backup is not the one at {VARIABLE}: put that one back before you collect, "
        "or the same person will count as two authors\n"
    )
    document = json.loads(back.stdout)
    assert (document["equal"], document["aside"]) == (True, None)
    assert buzz("doctor", "--rollups", folder=folder).returncode == 0
    shown = buzz("restore", "b.db.gz", "--db", "other.db", folder=folder)
    assert "tables restored as they were on 2" in shown.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("backup", "buzzchart.db", "--replace"), 5, "buzzchart.db is the database itself"),
        (("backup", "config.toml"), 5, "config.toml is there already: name another file, or give --replace"),
        (("backup", "nowhere/b.db"), 5, "nowhere/b.db cannot be written"),
        (("backup", "b.db", "--db", "none.db"), 5, "none.db is not there yet"),
        (("restore", "config.toml", "--db", "new.db"), 4, "config.toml is not a backup"),
        (("restore", "none.db", "--db", "new.db"), 4, "none.db cannot be read"),
        (("restore", "buzzchart.db", "--db", "new.db"), 4, "buzzchart.db is a database and no backup"),
        (("doctor", "--db", "none.db"), 5, "none.db is not there yet"),
        (("store", "copy", "none.db", "new.db"), 5, "none.db is not there yet"),
        (("store", "copy", "env:NOT_SET_AT_ALL", "new.db"), 3, "NOT_SET_AT_ALL"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    folder: Path, buzz: InProcess, words: tuple[object, ...], code: int, said: str
) -> None:
    done = buzz(*words, folder=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
    assert said in done.stderr
    assert not (folder / "new.db").exists()


# --- doctor


def test_a_doctor_tells_mends_and_is_content(folder: Path, buzz: InProcess) -> None:
    sound = buzz("doctor", folder=folder)
    assert (sound.returncode, sound.stdout.splitlines()) == (
        0,
        [
            "the tables, columns and indexes of this version: sound",
            "what the database says of itself: sound",
            "what refers to what: sound",
            "every post in the search index: sound",
        ],
    )
    spoil(folder, "UPDATE title_hour SET posts = 9", "DELETE FROM post_search")
    assert buzz("doctor", folder=folder).returncode == 5  # the search index
    ill = buzz("doctor", "--rollups", "--json", folder=folder)
    checks = {check["check"]: check["faults"] for check in json.loads(ill.stdout)["checks"]}
    assert (ill.returncode, json.loads(ill.stdout)["sound"]) == (5, False)
    assert "title_hour: title 1, hour 1643716800, mastodon, 9 posts is stored and not computed" in checks["totals"]
    assert "title_hour: title 1, hour 1643716800, mastodon, 2 posts is not stored as computed" in checks["totals"]
    mended = buzz("doctor", "--rollups", "--repair", folder=folder)
    assert mended.returncode == 0
    search, totals = mended.stdout.splitlines()[-2:]
    assert search == "every post in the search index: sound, 2 entries repaired"
    assert re.fullmatch(r"the totals, computed anew from the posts: sound, \d hours repaired", totals)
    assert buzz("doctor", "--rollups", folder=folder).returncode == 0


def test_a_doctor_tries_what_stands_around_a_database_that_is_not_there_yet(
    folder: Path, buzz: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "short")
    (folder / "config.toml").write_text(only("csv") + '[rankings.csv]\npaths = ["gone.csv"]\n', "utf-8")
    (folder / "buzzchart.db").unlink()
    assert buzz("doctor", folder=folder).returncode == 5
    done = buzz("doctor", "--sources", "--json", folder=folder)
    checks = {check["check"]: check["faults"] for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 5
    assert list(checks) == ["database", "ranking csv", "disk", "key"]
    assert "is not there yet: collect something first" in checks["database"][0]
    assert checks["ranking csv"] == ["[rankings.csv] paths: gone.csv is not there; mend the path or take it out"]
    assert "BUZZ_AUTHOR_KEY is too short" in checks["key"][0]


def test_a_doctor_tells_what_x_has_cost_and_faults_outside_the_database_by_their_own_code(
    folder: Path, buzz: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "long enough for a test")
    (folder / "config.toml").write_text(only("x") + "[sources.x]\nenabled = true\n", "utf-8")
    with Store.open(f"sqlite:///{folder / 'buzzchart.db'}") as store:
        store.remember("x", {f"meter {now():%Y-%m} spent": "1250000"})
    done = buzz("doctor", "--sources", folder=folder)
    assert done.returncode == 6
    assert "source x: not sound\n  [sources.x] token reads the environment variable BUZZ_X_BEARER_TOKEN" in done.stdout
    assert done.stdout.endswith(f"X in {now():%Y-%m}: $1.25 of $10.00 spent.\n")
    told = json.loads(buzz("doctor", "--json", folder=folder).stdout)
    assert (told["sound"], told["x_meter"]["spent"]) == (True, 1.25)


# --- a database of a newer version: whoever comes, it is left alone


@pytest.mark.parametrize(
    "words",
    [
        ("collect", "--once"),
        ("run",),
        ("import", "posts.jsonl"),
        ("relabel",),
        ("archive", "archive"),
        ("posts", "love"),
        ("export", "posts"),
        ("rankings", "list"),
        ("doctor", "--repair"),
        ("backup", "b.db"),
        ("restore", "made.db", "--replace"),
        ("store", "copy", "buzzchart.db", "new.db"),
        ("store", "copy", "older.db", "buzzchart.db"),
    ],
    ids=lambda words: words[0],
)
def test_a_newer_schema_is_refused_in_words_by_every_command(
    newer: Path, buzz: InProcess, words: tuple[str, ...]
) -> None:
    before = (newer / "buzzchart.db").read_bytes()
    done = buzz(*words, folder=newer)
    assert done.returncode == 5, done.stderr
    assert "buzzchart.db has schema 9999" in done.stderr
    assert "upgrade buzzchart (pip install -U buzzchart)" in done.stderr
    assert (newer / "buzzchart.db").read_bytes() == before


@pytest.fixture(scope="module")
def newer(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of a version to come, and what commands want to have beside it."""
    from collector.backup import backup  # noqa: PLC0415 - here alone

    folder = tmp_path_factory.mktemp("newer")
    for name in ("buzzchart.db", "older.db"):
        shutil.copy(sqlite_template, folder / name)
    backup(f"sqlite:///{folder / 'older.db'}", folder / "made.db", lambda _: None)
    (folder / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nphrases = ["Squid Game"]\n', "utf-8")
    (folder / "posts.jsonl").write_text("{}\n", encoding="utf-8")
    spoil(folder, "UPDATE alembic_version SET version_num = '9999'")
    return folder
