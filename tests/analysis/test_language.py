"""The language of a post: the platform's tag, the script and the model, each heard for what it is worth."""

import pytest

from analysis.labeller import LabelInput
from analysis.labellers.language import Language, prior
from collector.config import parse, template

LANGUAGE = Language(parse(template()))


def language(text: str, tag: str | None = None) -> str:
    [label] = LANGUAGE.label([LabelInput(1, text, tag)])
    return label.language


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("EN", "en"),
        ("in", "id"),
        ("ms", "id"),
        ("iw", "he"),
        ("zh-Hant-TW", "zh"),
        *((tag, None) for tag in ("und", "qme", "qht", "qst", "qct", "qam", "zxx", "art", "mul", "", None, "x", "1f")),
        ("english", None),
    ],
)
def test_a_platforms_tag_is_brought_to_one_spelling_or_dropped(tag: str | None, expected: str | None) -> None:
    assert prior(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("지금 우리 학교는 진짜 재밌다", "ko"),
        ("ゾンビの動きがすごい", "ja"),
        ("最終回を見て泣いた", "ja"),
        ("มัธยมซอมบี้สนุกมากเลย", "th"),
    ],
)
@pytest.mark.parametrize("tag", ["en", "ko", None, "und"])
def test_a_script_of_one_language_decides_whatever_the_tag_says(text: str, expected: str, tag: str | None) -> None:
    assert language(text, tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I watched it twice and I would watch it again", "en"),
        ("No puedo creer lo que acaba de pasar en este capítulo", "es"),
        ("Je ne peux pas croire ce qui vient de se passer", "fr"),
        ("Ich kann nicht glauben, was gerade passiert ist", "de"),
        ("Nonton sampai pagi, seru banget filmnya", "id"),
        ("Мне очень понравилась эта серия", "ru"),
    ],
)
def test_without_a_tag_the_model_decides(text: str, expected: str) -> None:
    assert language(text) == expected


def test_a_short_post_is_what_the_tag_says() -> None:
    assert language("so good", "en") == "en"
    assert language("genial", "es") == "es"
    assert language("genial", "de") == "de"


def test_a_confident_model_overrules_a_tag_that_is_only_the_persons_setting() -> None:
    text = "No puedo creer lo que acaba de pasar en este capítulo"
    assert language(text, "en") == "es"


@pytest.mark.parametrize("tag", ["ko", "ja", "ar"])
def test_a_tag_of_another_script_is_no_prior_for_latin_letters(tag: str) -> None:
    assert language("I watched it twice and I would watch it again", tag) == "en"


def test_a_tag_of_latin_letters_is_no_prior_for_another_script() -> None:
    assert language("мне нравится", "en") != "en"


@pytest.mark.parametrize("text", ["", "😍😍😍", "https://example.org/a", "@someone@example.social", "123 456", "?!"])
def test_what_cannot_be_read_is_undetermined(text: str) -> None:
    assert language(text) == "und"


def test_links_handles_hashtags_and_names_say_nothing_about_the_language() -> None:
    text = "Qué locura de final @somebody_who_is_english #BestShowEverMade https://example.org/this/is/english"
    assert language(text) == "es"
    assert language("Ayer vi All of Us Are Dead y no pude dormir nada") == "es"
    assert language("오징어 게임 is the best show that I have seen") == "en"


def test_a_bare_title_is_read_as_it_stands() -> None:
    assert language("All of Us Are Dead") == "en"
    assert language("지금 우리 학교는") == "ko"


@pytest.mark.parametrize("tag", [None, "en", "hi"])
def test_romanised_hindi_is_not_taken_for_english(tag: str | None) -> None:
    assert language("yeh show bahut accha hai, sab dekho yaar", tag) == "hi"


def test_text_that_only_looks_english_to_the_model_is_undetermined() -> None:
    # romanised Telugu, for which the model says English
    assert language("ee series chala bagundi andaru chudandi") != "en"


def test_the_answer_says_what_decided() -> None:
    [label] = LANGUAGE.label([LabelInput(1, "지금 우리 학교는 진짜 재밌다", "en")])
    assert label.why == "script"
