"""`buzz evaluate` as a user meets it: figures, floors, the page, what is missing; without the extra, so in a moment."""

import json
from pathlib import Path

import pytest
from in_process import InProcess

from analysis.scorers import multilingual


@pytest.fixture(autouse=True)
def _without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multilingual, "available", lambda: False)
    monkeypatch.delenv("BUZZ_DATA", raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two small sets."""
    english, german = (tmp_path / "data/sentiment" / name for name in ("tweeteval_en", "umsab/german"))
    for folder, texts in (
        (english, ("a lovely evening for all", "the train at noon", "what an awful day it was")),
        (german, ("ein schöner Abend war das", "der Zug um zwölf Uhr", "was für ein Tag das war")),
    ):
        folder.mkdir(parents=True)
        (folder / "val_text.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
        (folder / "val_labels.txt").write_text("2\n1\n0\n")
    return tmp_path / "data"


def test_figures_of_the_gold_set_and_of_a_folder_of_sets(tmp_path: Path, data: Path, buzz: InProcess) -> None:
    done = buzz("evaluate", "--data", data, "--json", "--write", "accuracy.md", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    english, german = told["sets"]["tweeteval_en"], told["sets"]["umsab_de"]
    assert english["engine"] == "lexicon"
    assert english["engines"]["auto"]["accuracy"] == english["engines"]["stock"]["accuracy"] == 1.0
    assert german["engines"]["auto"]["coverage"] == 0.0
    assert told["umsab"]["auto"]["coverage"] == 0.0
    assert told["intervals"] is None
    assert [half["engines"]["stock"]["posts"] for half in told["gold"].values()] == [240, 231]
    assert json.loads((tmp_path / "accuracy.json").read_text("utf-8")) == told
    assert "| TweetEval, sentiment: English posts | stock | 3 | 1.000 |" in (tmp_path / "accuracy.md").read_text(
        "utf-8"
    )


def test_a_figure_below_its_floor_ends_the_command_with_1(tmp_path: Path, data: Path, buzz: InProcess) -> None:
    (tmp_path / "floors.toml").write_text(
        "[sentiment_tweeteval_en]\naccuracy = 1.0\n[sentiment_umsab]\nmacro_f1 = 0.9\n[sentiment_smsa_id]\nflips = 0\n"
    )
    done = buzz("evaluate", "--data", data, "--floors", "floors.toml", folder=tmp_path)
    assert done.returncode == 1
    assert "buzz: not measured, so not compared with their floors: sentiment_smsa_id\n" in done.stderr
    assert done.stderr.endswith("buzz: [sentiment_umsab] macro_f1 is 0.0, below its floor 0.9\n")
    assert "tweeteval_en            stock" in done.stdout


def test_what_is_not_there_is_told(tmp_path: Path, buzz: InProcess) -> None:
    done = buzz("evaluate", "--quiet", folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr == "buzz: no labelled sets were measured: name their folder with --data or BUZZ_DATA\n"
    done = buzz("evaluate", "--data", "nowhere", folder=tmp_path)
    assert (done.returncode, done.stderr) == (
        3, "buzz: --data names nowhere, which is no folder: name that of the labelled sets, or none\n"
    )  # fmt: skip
