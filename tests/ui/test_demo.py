"""`buzz demo`: the sample goes the whole way, its result is told, and a second start is quick."""

import csv
import re
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

import ui.demo
from analysis.frames import hours
from analysis.frames.reader import Reader
from collector.sample import generate
from ui.cli import build


def test_the_main_jobs_result_is_told_with_its_basis(demo: Path) -> None:
    told = (demo / "told.txt").read_text(encoding="utf-8")
    for title in ("All of Us Are Dead", "Squid Game", "Hellbound"):
        assert re.search(rf"^{title}: [\d,]+ posts \(invented sample posts\) from", told, re.MULTILINE)
    assert re.search(r"peak: +1 Feb 2022 1[345]:00 UTC on x, .* about zombie choreography", told)
    assert "No. 1 in 63 of 94 countries" in told
    assert re.search(r"net [+-]\d+; n = [\d,]+ scored, [\d,]+ posts unscored", told)
    assert f"CSV: {demo / 'posts.csv'}" in told


def test_every_row_of_its_csv_says_that_the_post_is_invented(demo: Path) -> None:
    with (demo / "posts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 8000
    assert {row["note"] for row in rows} == {"invented sample posts"}
    assert {row["platform"] for row in rows} == {"x", "mastodon"}


def test_a_second_start_takes_what_is_there(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (demo / "buzzchart.db").stat().st_ino
    monkeypatch.setattr(ui.demo, "_fill", lambda *_: pytest.fail("the sample was read again"))
    ended = CliRunner().invoke(build(), ["demo", "--no-serve", "--json", "--folder", str(demo)])
    assert ended.exit_code == 0, ended.output
    assert orjson.loads(ended.stdout)["titles"][0]["title"] == "All of Us Are Dead"
    assert (demo / "buzzchart.db").stat().st_ino == before


def test_a_demo_that_was_broken_off_is_made_anew(tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "write_sample", lambda folder, write=generate.write_sample: write(folder)[-1:])
    half = tmp_path / "half"
    half.mkdir()
    (half / "buzzchart.db").write_bytes(b"cut off")
    ended = CliRunner().invoke(build(), ["demo", "--no-serve", "--folder", str(half)])
    assert ended.exit_code == 0, ended.output
    with Reader(f"sqlite:///{half / 'buzzchart.db'}") as reader:
        assert hours.titles(reader) == ["All of Us Are Dead", "Hellbound", "Squid Game"]
    assert (half / "sample.txt").read_text(encoding="utf-8") == (demo / "sample.txt").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = CliRunner().invoke(build(), ["demo", "--no-serve", "--folder", str(tmp_path / "file" / "demo")])
    assert "cannot be written" in str(ended.exception)
