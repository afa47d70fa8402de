"""`buzz label` as a program: lines in, lines out, faults on standard error, an exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import InProcess


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    texts = ["지금 우리 학교는 진짜 재밌다", "All of Us Are Dead", "Squid Game is a wonderful show"]
    path.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    return path


def test_a_file_and_standard_input_give_the_same_lines_without_any_config_at_hand(
    posts: Path, tmp_path: Path, buzz: InProcess
) -> None:
    from_file = buzz("label", str(posts), "--title", "All of Us Are Dead", folder=tmp_path)
    from_stdin = buzz("label", "-", "--title", "All of Us Are Dead", given=posts.read_bytes(), folder=tmp_path)
    assert (from_file.returncode, from_file.stderr) == (0, "")
    assert from_file.stdout == from_stdin.stdout
    results = [json.loads(line) for line in from_file.stdout.splitlines()]
    assert [result["sentiment"] for result in results] == ["unscored", "neutral", "positive"]
    assert [result["titles"] for result in results] == [["All of Us Are Dead"], ["All of Us Are Dead"], []]
    assert list(tmp_path.iterdir()) == [posts]


def test_bad_lines_are_told_the_rest_is_labelled_and_the_exit_code_is_4(tmp_path: Path, buzz: InProcess) -> None:
    given = b'oops\x1b[31m\n{"id": 1, "text": "Squid Game"}\n{"id": 2}\n'
    done = buzz("label", given=given, folder=tmp_path)
    assert done.returncode == 4
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]
    told = done.stderr.splitlines()
    assert told[0].startswith("buzz: standard input line 1: not JSON")
    assert told[1] == "buzz: standard input line 3: text is missing"
    assert told[2] == "buzz: standard input: 2 lines could not be read; all others are labelled"
    assert "\x1b" not in done.stderr


def test_a_file_of_the_wrong_kind_does_not_flood_the_screen(tmp_path: Path, buzz: InProcess) -> None:
    done = buzz("label", given=b"not json\n" * 500, folder=tmp_path)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 21
    assert "500 lines" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["absent.jsonl"], 4, "absent.jsonl cannot be read"),
        (["."], 4, ". cannot be read"),
        (["-", "--title", ""], 3, "1 to 200 characters"),
        (["-", "--config", "absent.toml"], 3, "absent.toml is not there"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    arguments: list[str], code: int, said: str, tmp_path: Path, buzz: InProcess
) -> None:
    done = buzz("label", *arguments, folder=tmp_path)
    assert done.returncode == code
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    assert sentence.startswith("buzz: ")
    assert said in sentence


def test_a_config_at_hand_is_obeyed(posts: Path, tmp_path: Path, buzz: InProcess) -> None:
    (tmp_path / "config.toml").write_text('[[titles]]\nname = "Squid Game"\nphrases = ["Squid Game"]\n', "utf-8")
    done = buzz("label", str(posts), folder=tmp_path)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    # without the other titles in the config, nothing of theirs is masked
    assert [result["sentiment"] for result in results] == ["unscored", "neutral", "positive"]
    assert results[1]["why"]["sentiment"][0] == "no word of the word list"


def test_a_reader_that_leaves_early_is_no_fault(tmp_path: Path) -> None:
    given = b'{"id": 1, "text": "Squid Game is a wonderful show"}\n' * 3_000
    program = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "label"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert program.stdout is not None
    program.stdout.close()
    program.stdout = None
    _, said = program.communicate(given, timeout=120)
    assert b"Traceback" not in said
