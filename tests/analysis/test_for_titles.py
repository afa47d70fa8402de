"""A post is read by the words of the genres of the titles that it names."""

from analysis.masking import name_mask
from analysis.scorers.for_titles import Lexicons
from collector.config import Config, SentimentSettings, TitleSettings

FILES = (
    ("one.toml", "[words]\nzib = { score = 1, reason = 'praise' }"),
    ("two.toml", "[words]\nzib = { score = -1, reason = 'scorn' }\nzab = { score = -2, reason = 'scorn' }"),
)


def title(name: str, *genres: str) -> TitleSettings:
    return TitleSettings(name=name, phrases=(name,), hashtags=(name.replace(" ", ""),), genres=genres)


def score(text: str, *titles: TitleSettings, hashtags: tuple[str, ...] = ()) -> float:
    config = Config(titles=titles, sentiment=SentimentSettings(files=FILES))
    reading = name_mask(config.titles).read(text)
    return Lexicons(config).of(reading, hashtags).score(reading.text).compound


FIRST, SECOND, NEITHER = title("Red Door", "two", "one"), title("Blue Door", "one"), title("Grey Door")


def test_the_genre_that_stands_first_in_the_config_holds_however_many_titles_are_watched() -> None:
    assert score("Red Door is zib", FIRST) == score("Red Door is zib", FIRST, SECOND) < 0
    assert score("Red Door is zib", title("Red Door", "one", "two")) > 0


def test_each_title_has_its_own_words_and_two_together_those_of_both() -> None:
    assert score("Blue Door is zib", FIRST, SECOND) > 0
    assert score("Grey Door is zib", FIRST, NEITHER) == 0
    assert score("Blue Door and Red Door: zab", FIRST, SECOND) < 0 == score("Blue Door: zab", FIRST, SECOND)


def test_hashtags_beside_the_text_count_and_other_hashtags_do_not() -> None:
    assert score("so zib", SECOND, hashtags=("BlueDoor",)) > 0
    assert score("so zib", SECOND, hashtags=("weekend",)) == 0
