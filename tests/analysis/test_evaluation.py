"""What `buzz evaluate` counts, reads and compares; on the project's own gold set against its floors."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.evaluation import floors, gold, intervals, page, sets
from analysis.evaluation.metrics import Outcome, figures, gain, macro_f1, net, pearson
from analysis.evaluation.scoring import AUTO, LEXICON, STOCK, Engines, Judged, outcomes
from analysis.labeller import Sentiment
from analysis.scorers.training.sets import SETS, key_of, own_posts, plain
from collector.config import Config, SentimentSettings
from collector.errors import ConfigError, InputError

ROOT = Path(__file__).parents[2]
FLOORS = ROOT / "tests" / "floors.toml"
CLASSES: dict[str, Sentiment] = {"+": "positive", "0": "neutral", "-": "negative", "?": "unscored"}


def said(*pairs: str) -> list[Outcome]:
    """Outcomes written as the true class and the given one: "+-" is a flip, "+?" is unscored."""
    return [Outcome(CLASSES[pair[0]], CLASSES[pair[1]]) for pair in pairs]


# --- what is counted


def test_shares_are_of_the_scored_posts_and_coverage_of_all() -> None:
    told = figures(said("++", "+-", "00", "-?"))
    assert told["posts"] == 4
    assert told["scored"] == 3
    assert told["coverage"] == 0.75
    assert told["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["flips"] == pytest.approx(1 / 3, abs=1e-4)


def test_neutral_in_place_of_a_feeling_is_wrong_but_no_flip() -> None:
    told = figures(said("+0", "-0", "0+", "0-"))
    assert (told["accuracy"], told["flips"]) == (0.0, 0.0)


def test_the_net_error_compares_what_is_scored_with_all_posts() -> None:
    # true: (2 - 2) / 4 = 0; given, of the two that are scored: 1
    assert figures(said("++", "++", "-?", "-?"))["net_error"] == 1.0
    assert net(["positive", "negative", "negative", "neutral"]) == -0.25


def test_silence_does_not_raise_macro_figures() -> None:
    spoken, silent = said("++", "--", "0+", "00"), said("++", "--", "0?", "0?")
    assert figures(silent)["accuracy"] == 1.0
    assert figures(silent)["macro_recall"] == pytest.approx(2 / 3, abs=1e-4)
    # F1: positive 2/3, neutral 2/3, negative 1
    assert macro_f1(spoken) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-4)


def test_a_set_without_neutral_posts_is_also_read_by_the_sign_of_the_score() -> None:
    found = [Outcome("positive", "neutral", 0.01), Outcome("negative", "negative", -0.9)]
    told = figures(found)
    assert (told["accuracy"], told["two_way_f1"]) == (0.5, 1.0)
    assert "two_way_f1" not in figures([*found, Outcome("neutral", "neutral", 0.0)])


def test_nothing_scored_is_none_and_never_nought() -> None:
    told = figures(said("+?", "-?"))
    assert told["coverage"] == 0.0
    assert [told[name] for name in ("accuracy", "flips", "net_error")] == [None, None, None]
    assert figures([])["coverage"] is None


def test_scores_are_correlated_with_ratings() -> None:
    assert pearson([(1, 2), (2, 4), (3, 6)]) == pytest.approx(1)
    assert pearson([(1, 2), (2, 2)]) is None
    rated = [Outcome("positive", "positive", 0.5, 3.0), Outcome("negative", "negative", -0.5, -1.0)]
    assert figures([*rated, Outcome("neutral", "unscored", None, 0.0)])["r"] == pytest.approx(1)


def test_a_gain_is_counted_on_the_posts_that_both_can_be_asked_of() -> None:
    assert gain(said("++", "--", "0?", "+-"), said("+-", "--", "00", "+-")) == pytest.approx(1 / 3, abs=1e-4)


# --- floors

REPORT: dict[str, Any] = {
    "sets": {"smsa_id": {"engines": {AUTO: {"macro_f1": 0.8, "flips": 0.1, "accuracy": None}}}},
    "umsab": None, "gold": {}, "intervals": None, "languages": None, "worst": [],
}  # fmt: skip


def test_each_figure_below_its_floor_or_above_its_ceiling_has_a_sentence() -> None:
    wanted = {"sentiment_smsa_id": {"macro_f1": 0.82, "flips": 0.05, "accuracy": 0.5}}
    assert [*floors.faults(wanted, REPORT)] == [
        "[sentiment_smsa_id] macro_f1 is 0.8, below its floor 0.82",
        "[sentiment_smsa_id] flips is 0.1, above its ceiling 0.05",
        "[sentiment_smsa_id] accuracy has nothing to be counted of, and should be 0.5",
    ]
    assert [*floors.faults({"sentiment_smsa_id": {"macro_f1": 0.8, "flips": 0.1}}, REPORT)] == []


def test_a_floor_of_a_figure_that_there_is_not_is_told() -> None:
    with pytest.raises(ConfigError, match=r"\[sentiment_smsa_id\] makro_f1 is no figure; there are macro_f1, flips"):
        [*floors.faults({"sentiment_smsa_id": {"makro_f1": 0.8}}, REPORT)]


def test_floors_of_sets_that_were_not_measured_are_named_and_none_is_broken() -> None:
    wanted = {"sentiment_umsab": {"macro_f1": 0.6}}
    assert [*floors.faults(wanted, REPORT)] == []
    assert floors.unmeasured(wanted, REPORT) == ["sentiment_umsab"]


def test_a_file_of_floors_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "floors.toml").write_text("[x\n")
    with pytest.raises(ConfigError, match=r"floors\.toml cannot be read"):
        floors.read(tmp_path / "floors.toml")
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        floors.read(tmp_path / "none.toml")


# --- the gold set


def test_titles_of_the_gold_set_are_watched_together_and_as_the_config_has_them() -> None:
    posts = [*gold.half("first"), *gold.half("second")]
    titles = {title.name: title for title in gold.config(posts, SentimentSettings()).titles}
    assert titles.keys() == {post.title for post in posts}
    assert "지금우리학교는" in titles["All of Us Are Dead"].hashtags
    assert titles["Dead to Me"].hashtags == ("DeadToMe",)
    assert titles["Dead to Me"].genres == ("comedy", "drama", "crime")


def test_posts_of_the_second_half_that_were_seen_before_count_in_no_figure(tmp_path: Path) -> None:
    for name in ("first.jsonl", "second.jsonl"):
        (tmp_path / name).write_bytes((gold.FOLDER / name).read_bytes())
    assert len(gold.half("second")) == 231
    assert len(gold.half("second", tmp_path)) == 240
    assert len(gold.half("first")) == 240


def test_a_gold_set_that_is_not_there_is_told_and_not_made_up(tmp_path: Path) -> None:
    assert gold.half("first", tmp_path) == []
    assert [*page.missing(REPORT)] == [
        "the gold set is not here: it lies in the repository, in tests/gold/sentiment, and not in the package"
    ]


def test_the_words_of_fans_keep_their_gain_on_english_posts_of_the_second_half() -> None:
    # `buzz evaluate --floors` holds the rest, with the model at work: seconds that a run of all tests is spared
    posts = [*gold.half("first"), *gold.half("second")]
    engines = Engines(gold.config(posts, SentimentSettings()))
    english = [Judged(post.text, post.language, post.true) for post in gold.half("second") if post.language == "en"]
    assert len(english) >= 100
    told = {name: outcomes(english, engines.run(name, english).labels) for name in (STOCK, LEXICON)}
    wanted = floors.read(FLOORS)["sentiment_gold_second"]["gain_of_words"]
    assert wanted >= 0.2
    reached = gain(told[LEXICON], told[STOCK])
    assert reached is not None
    assert reached >= wanted


# --- labelled sets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one small set, in the form of TweetEval."""
    inside = tmp_path / "sentiment" / "tweeteval_en"
    inside.mkdir(parents=True)
    (inside / "val_text.txt").write_text("it\\u2019s lovely &amp; kind\nmeh\nawful, awful\n", encoding="utf-8")
    (inside / "val_labels.txt").write_text("2\n1\n0\n")
    return tmp_path


def test_a_set_is_read_as_its_authors_wrote_it(folder: Path) -> None:
    (found,) = sets.readable(folder)
    assert sets.posts(found, folder) == [
        Judged("it’s lovely & kind", "en", "positive"),
        Judged("meh", "en", "neutral"),
        Judged("awful, awful", "en", "negative"),
    ]


def test_a_set_that_is_not_as_it_was_published_is_named(folder: Path) -> None:
    (folder / "sentiment/tweeteval_en/val_labels.txt").write_text("2\n1\n7\n")
    (found,) = sets.readable(folder)
    with pytest.raises(InputError, match=r"the set tweeteval_en in .* is not as it was published"):
        sets.posts(found, folder)


def test_a_folder_without_sets_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no labelled set"):
        sets.readable(tmp_path)


def test_stock_is_the_package_as_it_is_and_auto_masks_names(folder: Path) -> None:
    engines = Engines(Config())
    (found,) = sets.readable(folder)
    posts = sets.posts(found, folder)
    stock = engines.run(STOCK, posts)
    assert [label.sentiment for label in stock.labels] == ["positive", "negative", "negative"]
    assert {label.engine for label in stock.labels} == {STOCK}
    assert stock.posts_per_second > 0


@pytest.mark.data
@pytest.mark.parametrize(("ours", "theirs"), [("nsmc_ko", "nsmc"), ("smsa_id", "smsa")])
def test_what_is_measured_is_what_training_leaves_out(
    data_set: Callable[[str], Path], ours: str, theirs: str
) -> None:  # fmt: skip
    (one,) = (each for each in sets.SETS if each.name == ours)
    data = data_set(f"sentiment/{one.folder}").parents[1]
    read = [example for each in SETS if each.name == theirs for example in each.read(data / "sentiment")]
    measured = {plain(post.text) for post in sets.posts(one, data)}
    assert len(measured) > 1000
    assert measured == {example.text for example in read if example.measures}
    learned = {example.text for example in read if not example.measures}
    # a text that stands in both parts is learned from nowhere: analysis.scorers.training.sets.examples
    assert len(measured & learned) < len(measured) / 20


@pytest.mark.data
def test_posts_of_tass_that_stand_in_umsab_too_are_not_measured(data_set: Callable[[str], Path]) -> None:
    data = data_set("sentiment/umsab").parents[1]
    (umsab,) = (each for each in SETS if each.name == "umsab")
    learned = {key_of(one.text) for one in umsab.read(data / "sentiment") if not one.measures}
    (tass,) = (each for each in sets.SETS if each.name == "tass_es")
    measured = {key_of(plain(post.text)) for post in sets.posts(tass, data)}
    assert len(measured) > 3000
    assert measured.isdisjoint(learned)


def test_no_post_of_the_gold_set_was_learned_from() -> None:
    learned = {key_of(one.text) for one in own_posts()}
    gold_posts = {key_of(post.text) for name in gold.HALVES for post in gold.half(name)}
    assert len(gold_posts) > 400
    assert len(learned) > 2000
    assert gold_posts.isdisjoint(learned)


# --- intervals and pages


def test_only_languages_with_enough_posts_of_every_class_make_shows() -> None:
    many = said("++", "00", "--") * 400
    assert [*intervals.pools({"en": many, "ko": said("++") * 2000, "th": many[:600]})] == ["en"]
    assert intervals.told({"th": many[:600]}, 10) is None
    told = intervals.told({"en": many}, 5)
    assert told is not None
    assert (told["shows"], told["languages"]) == (5, ["en"])
    assert told["figures"]["net"]["held"] >= 0.8


def test_the_page_of_accuracy_is_what_its_figures_render_to() -> None:
    assert (ROOT / "docs/accuracy.md").read_text(encoding="utf-8") == page.stored(ROOT / "docs/accuracy.md")


def test_no_text_of_the_second_half_is_in_the_docs() -> None:
    told = (ROOT / "docs/accuracy.json").read_text(encoding="utf-8") + page.stored(ROOT / "docs/accuracy.md")
    quoted = {one["text"] for one in json.loads((ROOT / "docs/accuracy.json").read_text(encoding="utf-8"))["worst"]}
    assert quoted <= {post.text for post in gold.half("first")}
    assert [number for number, post in enumerate(gold.half("second")) if post.text in told] == []


def test_texts_on_the_page_stay_texts() -> None:
    told = page.render({
        **REPORT, "sets": {}, "date": "2022-01-28", "labeller": "x", "most": 0,
        "worst": [{"text": "a|b\n<script> *c*", "language": "en", "traits": ["slang"], "true": "positive",
                   "given": "negative", "score": -0.5, "why": ["b -1.0"]}],
    })  # fmt: skip
    assert "| en | a\\|b / &lt;script&gt; \\*c\\* | positive | negative -0.50 | b -1.0 | slang |" in told


def test_the_floors_of_the_project_are_of_figures_that_are_measured() -> None:
    named = {name for name in tomllib.loads(FLOORS.read_text("utf-8")) if name.startswith("sentiment_")}
    assert named - floors.SECTIONS == {"sentiment_gold"}
