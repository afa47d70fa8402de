"""A score is explained in sentences, by what truly made it."""

from analysis.labeller import LabelInput
from analysis.labellers.sentiment import Sentiments
from collector.config import parse, template

WORDS = Sentiments(parse(template().replace('engine = "auto"', 'engine = "lexicon"')))


def told(text: str, language: str = "en") -> str:
    return "\n".join(WORDS.explain(LabelInput(1, text, language=language)))


def test_names_words_rules_and_the_package_are_told() -> None:
    said = told("All of Us Are Dead is NOT scary at all, I was so bored!!")
    assert "“All of Us Are Dead”: a watched name" in said
    assert "“not scary at all” -1.70 (horror.toml: not frightening is scorn for horror)" in said
    assert "strengthened by “so” to -2." in said
    assert "strengthen the sum by 0.58" in said
    assert "so it is negative" in said
    assert "VADER alone, names and all: -0." in said


def test_a_negation_is_named() -> None:
    assert "“good” +1.90, turned by “isn't” to -1.41" in told("it isn’t good")


def test_a_bare_name_and_an_unscored_post_are_explained_too() -> None:
    assert "so it is neutral, +0.00" in told("All of Us Are Dead")
    assert told("irgendein deutscher Satz", "de") == "unscored: language de"
    assert "no word of the word list" in told("we watched it at nine")
