"""`buzz export` as a user meets it: a table on standard output or in a file, and one sentence for each fault."""

import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, cover, fill

from collector.ranking import RankDraft
from collector.store import Store
from ui.cli import main

CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
ranked_as = ["Ojing-eo geim"]
[[titles]]
name = "Hellbound"
hashtags = ["Hellbound"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a database with two posts a day apart, a covered hour and two ranks."""
    made = tmp_path_factory.mktemp("export")
    (made / "config.toml").write_text(CONFIG, encoding="utf-8")
    with Store.open(f"sqlite:///{made / 'buzzchart.db'}") as store:
        fill(
            store,
            Posted(native_id="1", text="=1+1 좀비", topics=("dance",)),
            Posted(native_id="2", at=NOON + timedelta(days=1), titles=("Hellbound",), platform="x", text="from x"),
        )
        cover(store, NOON, NOON + timedelta(hours=2))
        names = ("Ojing-eo Geim", "Another")
        store.save_ranks(
            "csv",
            "a file",
            [RankDraft("csv", "day", NOON.date(), "KR", "TV", name, rank=n) for n, name in enumerate(names)],
        )
    return made


Ended = subprocess.CompletedProcess[bytes]
Run = Callable[..., Ended]


@pytest.fixture
def buzz(folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run `buzz export` in this process, which spares the start of another."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["buzz", "export", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return Ended(arguments, int(ended.value.code or 0), out, err)

    return run


def apart(*arguments: str, cwd: Path, stdout: int) -> Ended:
    """Run `buzz export` in a process of its own, with the standard output that a test needs."""
    program = [sys.executable, "-P", "-m", "ui.cli", "export", *arguments]
    return subprocess.run(program, cwd=cwd, stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False)


def rows(ended: Ended) -> list[dict[str, str]]:
    assert ended.returncode == 0, ended.stderr
    return list(csv.DictReader(io.StringIO(ended.stdout.decode("utf-8-sig"), newline="")))


def test_posts_come_on_standard_output_safe_for_a_spreadsheet(buzz: Run) -> None:
    ended = buzz("posts")
    assert ended.stdout.startswith(b"\xef\xbb\xbfplatform,")
    assert ended.stderr == b""
    assert [(row["native_id"], row["text"]) for row in rows(ended)] == [("1", "'=1+1 좀비"), ("2", "")]
    raw = buzz("posts", "--raw", "--text", "all")
    assert raw.stdout.startswith(b"platform,")
    assert [row["text"] for row in rows(raw)] == ["=1+1 좀비", "from x"]
    assert b"X's terms" in raw.stderr


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--title", "squid game"), ["1"]),
        (("--to", "2022-02-01"), ["1"]),
        (("--to", "2022-02-01T12:00"), []),
        (("--from", "2022-02-02"), ["2"]),
        (("--from", "2022-02-02T13:00+01:00"), ["2"]),
        (("--from", "2022-02-02T12:00:01Z"), []),
        (("--from", "2022-02-01", "--to", "2022-02-02"), ["1", "2"]),
        (("--search", "좀비 OR platform:x"), ["1", "2"]),
        (("--search", "from -topic:dance", "--title", "hellbound"), ["2"]),
    ],
)
def test_title_days_and_search_narrow_the_posts(buzz: Run, arguments: tuple[str, ...], ids: list[str]) -> None:
    assert [row["native_id"] for row in rows(buzz("posts", *arguments))] == ids


def test_hours_topics_and_rankings_follow_the_title(buzz: Run) -> None:
    hours = rows(buzz("hours", "--title", "Squid Game"))
    assert [(row["covered"], row["posts"]) for row in hours] == [("yes", "1"), ("yes", "0")]
    assert [row["topic"] for row in rows(buzz("topics"))] == ["dance"]
    assert [row["name"] for row in rows(buzz("rankings", "--title", "Squid Game"))] == ["Ojing-eo Geim"]
    assert len(rows(buzz("rankings"))) == 2
    assert rows(buzz("rankings", "--from", "2022-02-02")) == []


def test_json_lines_hold_lists_and_numbers(buzz: Run) -> None:
    ended = buzz("posts", "--format", "jsonl", "--title", "Squid Game")
    (row,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (row["titles"], row["topics"], row["score"], row["text"]) == (["Squid Game"], ["dance"], 0.0, "=1+1 좀비")


def test_a_file_is_named_with_its_rows_and_json_tells_the_same(buzz: Run, tmp_path: Path) -> None:
    said = buzz("posts", "-o", str(tmp_path / "a.csv"))
    assert said.stdout.decode() == f"{tmp_path / 'a.csv'}: 2 rows.\n"
    told = buzz("posts", "-o", str(tmp_path / "b.csv"), "--json")
    data = (tmp_path / "b.csv").read_bytes()
    assert json.loads(told.stdout) == {
        "what": "posts",
        "file": str(tmp_path / "b.csv"),
        "rows": 2,
        "files": [{"file": str(tmp_path / "b.csv"), "rows": 2, "sha256": hashlib.sha256(data).hexdigest()}],
        "manifest": str(tmp_path / "b.csv.manifest.json"),
    }
    assert (tmp_path / "a.csv").read_bytes() == data


def test_the_name_chooses_the_format_and_no_manifest_is_written_where_none_is_wanted(buzz: Run, tmp_path: Path) -> None:
    buzz("posts", "-o", str(tmp_path / "a.parquet"), "--no-manifest")
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"
    buzz("posts", "-o", str(tmp_path / "b"), "--gzip", "--no-manifest")
    assert gzip.decompress((tmp_path / "b").read_bytes()) == buzz("posts").stdout
    assert gzip.decompress(buzz("posts", "--gzip").stdout) == buzz("posts").stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "b"]


def test_split_writes_parts_and_the_manifest_tells_what_was_asked(buzz: Run, tmp_path: Path) -> None:
    said = buzz("posts", "-o", str(tmp_path / "a.csv"), "--split", "2", "--title", "squid game", "--from", "2022-02-01")
    assert said.stdout.decode() == f"{tmp_path / 'a-1.csv'}: 1 rows.\n"
    said = buzz("posts", "-o", str(tmp_path / "a.csv"), "--split", "2", "--search", "좀비 OR platform:x")
    assert said.stdout.decode() == f"{tmp_path / 'a.csv'}: 2 rows in 2 files.\n"
    told = json.loads((tmp_path / "a.csv.manifest.json").read_text())
    assert [file["name"] for file in told["files"]] == ["a-1.csv", "a-2.csv"]
    assert (told["query"]["search"], told["query"]["text"]) == ("좀비 OR platform:x", "allowed")
    said = buzz("posts", "-o", str(tmp_path / "b.csv"), "--split", "Excel")
    assert said.stdout.decode() == f"{tmp_path / 'b-1.csv'}: 2 rows.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("posts", "--title", "Squid Gmae"), 3, 'no title is called "Squid Gmae"; did you mean "Squid Game"?'),
        (("posts", "--title", "zzzzzz"), 3, 'no title is called "zzzzzz": the config watches no title of that name'),
        (("posts", "--from", "yesterday"), 3, '--from "yesterday" is not a date: write it as 2022-01-28'),
        (("posts", "--to", "2022-02-30"), 3, '--to "2022-02-30" is not a date'),
        (("posts", "--from", "2022-02-02", "--to", "2022-02-01"), 3, "is not before --to 2022-02-01"),
        (("posts", "--search", "(a"), 3, "the search, at character 1: the parenthesis is not closed"),
        (("hours", "--search", "a"), 3, "--search finds posts and cannot narrow hours: take it away, or export posts"),
        (("posts", "--split", "1", "-o", "a.csv"), 3, '--split "1" is neither excel nor a number of rows from 2 on'),
        (("posts", "--split", "excel"), 3, "--split writes files: name one with -o FILE"),
        (("posts", "--format", "parquet"), 3, "Parquet is written to a file: name one with -o FILE.parquet"),
        (("posts", "--gzip", "-o", "a.parquet"), 3, "Parquet is compressed by itself: leave out --gzip and .gz"),
        (("posts", "--json"), 3, "--json tells of a written file: name one with -o FILE"),
        (("posts", "-o", "none/a.csv"), 4, "none/a.csv cannot be written: No such file or directory"),
        (("posts", "--db", "none.db"), 5, "none.db is not there yet"),
    ],
)
def test_each_fault_is_one_sentence_with_its_code(
    buzz: Run, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = buzz(*arguments)
    assert ended.returncode == code
    assert sentence in ended.stderr.decode()
    assert len(ended.stderr.decode().strip().splitlines()) == 1
    assert ended.stdout == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_is_one_sentence(buzz: Run, folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = apart("posts", cwd=folder, stdout=full.fileno())
    assert ended.returncode == 4
    assert ended.stderr == b"buzz: standard output cannot be written: No space left on device\n"
    ended = buzz("posts", "-o", "/dev/full")
    assert ended.returncode == 4
    assert ended.stderr.startswith(b"buzz: /dev/full cannot be written: No space left on device")
    assert Path("/dev/full").is_char_device()


def test_a_reader_that_leaves_early_is_no_fault(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = apart("posts", cwd=folder, stdout=write)
    os.close(write)
    assert ended.stderr == b""
    assert ended.returncode == 0
