"""A score is explained in sentences, by what truly made it."""

from collections.abc import Sequence

from analysis.labeller import LabelInput
from analysis.labellers.sentiment import Sentiments
from analysis.scorers.odds import Odds
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


class Fixed:
    """A model that says the same of every text."""

    version = "1"
    languages = frozenset({"en", "de"})

    def __init__(self, odds: Odds, name: str = "multilingual") -> None:
        self.given = odds
        self.name = name

    def odds(self, texts: Sequence[str], languages: Sequence[str]) -> list[Odds | None]:
        return [self.given] * len(texts)


def with_model(odds: Odds, text: str, language: str = "en") -> str:
    return "\n".join(Sentiments(parse(template()), Fixed(odds)).explain(LabelInput(1, text, language=language)))


def test_a_model_is_told_as_it_is_and_as_it_decides() -> None:
    said = with_model(Odds(0.2, 0.4, 0.4), "irgendein deutscher Satz", "de")
    assert "the multilingual model: 40% positive, 40% neutral, 20% negative" in said
    assert "leaning to neutral: 36% positive, 46% neutral, 18% negative" in said
    assert "so it is neutral, +0.18 (multilingual)" in said


def test_a_model_is_told_where_it_is_not_sure_and_not_where_words_decide() -> None:
    unsure = with_model(Odds(0.36, 0.28, 0.36), "irgendein deutscher Satz", "de")
    assert "the multilingual model: 36% positive" in unsure
    assert unsure.endswith("unscored: not sure")
    assert "the multilingual model" not in with_model(Odds(0.1, 0.1, 0.8), "a wonderful model of a great show")


def test_words_and_a_model_of_ones_own_are_an_engine_of_their_own() -> None:
    nothing = Odds(0.3, 0.4, 0.3)
    engines = [
        Sentiments(parse(template()), Fixed(nothing, name)).engine("en") for name in ("multilingual", "transformers")
    ]
    assert engines == ["hybrid", "hybrid-transformers"]
    assert WORDS.engine("en") == "lexicon"
    assert WORDS.engine("de") == ""
