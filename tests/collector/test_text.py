"""Plain text out of markup; words and hashtags out of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_matcher import HASHTAG, WORD

from collector.text import MAX_TEXT, clean, fold, hashtags, is_unspaced, plain_text, words


def test_markup_becomes_plain_text_with_its_breaks() -> None:
    markup = '<p>So good<br>#<a href="https://a.example">SquidGame</a> &amp; more</p><p>bye</p>'
    assert plain_text(markup) == "So good\n#SquidGame & more\nbye"


def test_broken_markup_is_text_and_never_a_fault() -> None:
    assert plain_text("<p>5 < 6 <b>yes") == "5 < 6 yes"
    assert plain_text("<!-- x") in {"", "<!-- x"}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#One #two", ["One", "two"]),
        ("＃오징어게임!", ["오징어게임"]),
        ("a#b c/#d &#39;", []),
        ("(#in) “#quotes”", ["in", "quotes"]),
        ("#มัธยมซอมบี้ #हिंदी #தமிழ் #نتفليكس", ["มัธยมซอมบี้", "हिंदी", "தமிழ்", "نتفليكس"]),
        ("#fin👩‍🎤", ["fin"]),
    ],
)
def test_hashtags_are_read_where_people_set_them(text: str, tags: list[str]) -> None:
    assert hashtags(text) == tags


def test_words_keep_their_apostrophes_and_folding_joins_widths() -> None:
    assert words(fold("Don't ＳＴＯＰ it’s")) == ["don't", "stop", "it’s"]


def test_vowel_signs_belong_to_their_word_and_emoji_are_none() -> None:
    assert words("हिंदी ซอมบี้ 👩‍🎤 ❤️ cafe\u0301") == ["हिंदी", "ซอมบี้", "cafe\u0301"]


def test_scripts_without_spaces_are_told() -> None:
    assert [is_unspaced(text) for text in ("좀비", "振付", "ซอมบี้", "zombie", "зомби")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@given(st.text(alphabet=st.characters(), max_size=200))
def test_cleaned_text_can_be_stored_anywhere(text: str) -> None:
    cleaned = clean(text + "\x00\ud800")
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    assert len(clean("x" * (MAX_TEXT + 5))) == MAX_TEXT


@given(st.text(alphabet=st.sampled_from("ab1_é가हिก'’#＃&/ \u0301\u200d👩\n") | st.characters(), max_size=30))
def test_words_and_hashtags_are_read_as_their_plain_patterns_say(text: str) -> None:
    assert words(text) == WORD.findall(text)
    assert hashtags(text) == HASHTAG.findall(text)
