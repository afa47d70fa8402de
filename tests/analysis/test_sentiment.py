"""The feeling of a post: raw as VADER has it, adjusted with the names masked, unscored where it cannot be told."""

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis.labeller import LabelInput, SentimentLabel
from analysis.labellers.sentiment import Sentiments
from collector.config import TitleSettings, parse, template

LEXICON_ALONE = template().replace('engine = "auto"', 'engine = "lexicon"')
SENTIMENTS = Sentiments(parse(LEXICON_ALONE))
STOCK = SentimentIntensityAnalyzer()


def feel(text: str, language: str = "en") -> SentimentLabel:
    [label] = SENTIMENTS.label([LabelInput(1, text, language=language)])
    return label


def test_the_title_alone_is_neutral_though_plain_vader_calls_it_negative() -> None:
    label = feel("All of Us Are Dead")
    assert (label.sentiment, label.score, label.raw_score) == ("neutral", 0.0, -0.6486)
    assert label.why == ("nothing but watched names",)


@pytest.mark.parametrize("language", ["en", "und"])
@pytest.mark.parametrize("text", ["Squid Game", "#AllOfUsAreDead!", "Hellbound, Squid Game", '"Hellbound"'])
def test_nothing_but_watched_names_is_neutral(text: str, language: str) -> None:
    assert feel(text, language).sentiment == "neutral"


def test_the_title_no_longer_drags_praise_down() -> None:
    label = feel("All of Us Are Dead is so good")
    assert label.sentiment == "positive"
    assert label.raw_score == STOCK.polarity_scores("All of Us Are Dead is so good")["compound"] < 0


def test_a_negation_reaches_past_a_masked_title() -> None:
    assert feel("I do not find All of Us Are Dead good").sentiment == "negative"
    assert feel("I don’t like All of Us Are Dead").sentiment == "negative"


def test_a_curly_apostrophe_negates_in_the_adjusted_score_only() -> None:
    label = feel("this isn’t a good show")
    assert label.score == feel("this isn't a good show").raw_score
    assert label.raw_score == STOCK.polarity_scores("this isn’t a good show")["compound"]
    assert label.score is not None
    assert label.raw_score is not None
    assert label.score < 0 < label.raw_score


def test_other_watched_titles_people_and_handles_are_masked_as_well() -> None:
    label = feel("Lee Jung-jae in Squid Game after All of Us Are Dead with @love_and_joy")
    assert (label.sentiment, label.score) == ("neutral", 0.0)


def test_without_a_name_the_adjusted_score_is_the_raw_one() -> None:
    label = feel("what a wonderful evening we had")
    assert label.score == label.raw_score == STOCK.polarity_scores("what a wonderful evening we had")["compound"]


def test_capitals_of_a_masked_name_weigh_as_before() -> None:
    # all in capitals is no emphasis; a small pseudo-word would make it one
    assert feel("SQUID GAME IS REALLY GOOD").score == STOCK.polarity_scores("XTITLE IS REALLY GOOD")["compound"]


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        ("지금 우리 학교는 진짜 재밌다", "ko", "language ko"),
        ("Estamos muertos", "es", "language es"),
        ("some words nobody can place", "und", "language not sure"),
        ("love it #SquidGame", "en", "fewer than 3 words"),
        ("https://example.org/a-great-show", "en", "fewer than 3 words"),
        ("@one @two @three #SquidGame", "en", "fewer than 3 words"),
        ("", "und", "language not sure"),
    ],
)
def test_what_cannot_be_told_is_unscored_and_never_neutral(text: str, language: str, why: str) -> None:
    assert feel(text, language) == SentimentLabel("unscored", None, None, (why,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the plot was okay for me", "positive"),
        ("we watched the first half yesterday", "neutral"),
        ("the seats were comfortable enough", "positive"),
        ("it is a bad bad show", "negative"),
    ],
)
def test_the_class_follows_vaders_own_thresholds(text: str, expected: str) -> None:
    assert feel(text).sentiment == expected


def test_the_words_that_counted_are_told() -> None:
    label = feel("The zombie choreography in #AllOfUsAreDead is insane, I love it")
    assert label.sentiment == "positive"
    assert label.why == ("insane +0.60", "love +3.20")


def test_a_title_that_is_a_common_word_is_masked_only_where_it_is_written_like_a_title() -> None:
    config = parse(LEXICON_ALONE)
    happiness = TitleSettings(name="Happiness", hashtags=("Happiness",))
    labeller = Sentiments(config.model_copy(update={"titles": (*config.titles, happiness)}))
    posts = ["Happiness has twelve episodes", "#happiness has twelve episodes", "so much happiness in twelve episodes"]
    labels = labeller.label([LabelInput(1, text, language="en") for text in posts])
    assert [label.sentiment for label in labels] == ["neutral", "neutral", "positive"]
