"""Watched names set apart from the words that judge them."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import masking
from analysis.masking import PIECE, PSEUDO, PSEUDO_UPPER, NameMask, Places
from collector.config import TitleSettings

TITLES = (
    TitleSettings(
        name="All of Us Are Dead",
        hashtags=("AllOfUsAreDead", "AOUAD", "지금우리학교는"),
        phrases=("지금 우리 학교는",),
        people=("Park Ji-hu",),
    ),
    TitleSettings(name="Beef", hashtags=("Beef",)),
    TitleSettings(name="Schitt's Creek", phrases=("Schitt's Creek",)),
    TitleSettings(name="Dead to Me", phrases=("Dead to Me",)),
)
MASK = NameMask(TITLES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All of Us Are Dead is good", "X is good"),
        ("I saw ALL OF US ARE DEAD!!!", "I saw U!!!"),
        ("all of us are dead, wow", "X, wow"),
        ("#AllOfUsAreDead rocks", "X rocks"),
        ("#ALLOFUSAREDEAD", "U"),
        ("AllOfUsAreDead without the hash", "X without the hash"),
        ("AOUAD is back", "U is back"),
        ("Park Ji-hu and park ji hu", "X and X"),
        ("All of Us Are Dead's finale", "X finale"),
        ("all of us are deadly", "all of us are deadly"),
        ("small of us are dead", "small of us are dead"),
        ("Schitt’s Creek and schitt's creek", "X and X"),
        ("Dead to Me, dead to me, dead tired", "X, X, dead tired"),
        ("Beef is great", "X is great"),
        ("my beef with it", "my beef with it"),
        ('that show "beef" again', 'that show "X" again'),
        ("that show “beef” again", "that show “X” again"),
        ("#beef", "X"),
        ("#beefburger", "#beefburger"),
        ("지금 우리 학교는요 so good", " X 요 so good"),
        ("@dead_person says hi https://dead.example/dead", "  says hi  "),
        ("don’t", "don't"),
        ("nothing here", "nothing here"),
    ],
)
def test_names_are_masked_and_nothing_else_is(text: str, expected: str) -> None:
    assert MASK.read(text).text == expected.replace("X", PSEUDO).replace("U", PSEUDO_UPPER)


def test_the_names_found_and_the_words_left_are_told_apart() -> None:
    reading = MASK.read("@a All of Us Are Dead is so #good https://example.org #AOUAD")
    assert list(reading.names) == ["All of Us Are Dead", "#AOUAD"]
    assert reading.words == "is so"
    assert list(reading.tags) == ["#good"]
    assert reading.mentions == 2


@pytest.mark.parametrize("text", ["All of Us Are Dead", "#AOUAD!", "“Beef” … Dead to Me", "지금 우리 학교는"])
def test_a_text_of_names_and_punctuation_is_bare(text: str) -> None:
    assert MASK.read(text).is_bare


@pytest.mark.parametrize(
    "text",
    ["", "...", "All of Us Are Dead 😭", "Beef ok", "#AOUAD #wow", "#AOUAD https://example.org", "@a #AOUAD", "beef"],
)
def test_a_text_with_anything_else_is_not_bare(text: str) -> None:
    assert not MASK.read(text).is_bare


def test_without_titles_nothing_is_masked() -> None:
    assert NameMask(()).read("All of Us Are Dead").text == "All of Us Are Dead"


parts = st.one_of(
    st.sampled_from(["All of Us Are Dead", "Beef", "#AOUAD", "#beef's", "&#39;", "a#b", "＃AOUAD", "#", "don't", "''"]),
    st.sampled_from(["https://a.example/#b", "www.a.example", "@a", "@a.b-@c", "a@b.example", "＠a", "@", "'http://a"]),
    st.sampled_from([" ", " ", " ", "\n", ".", "(", "“", "…", "😭", "\u0301", "ि", "_", "Xtitlex"]),
    st.text(max_size=3),
)


@settings(max_examples=250)
@example("@a-@b")
@example("@a-#b")
@given(text=st.lists(parts, max_size=12).map("".join))
def test_a_quick_cut_reads_what_a_close_look_reads(text: str) -> None:
    quick = MASK.read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_cut", lambda text: (PIECE.findall(text), text, True))
        close = NameMask(TITLES).read(text)
    assert quick == close


class Counted(str):  # noqa: SLOT000 - it counts
    """A text that counts how often something is looked for in it."""

    times = 0

    def find(self, *where: Any) -> int:  # noqa: ANN401 - as in str
        self.times += 1
        return super().find(*where)


def test_a_word_that_stands_there_thousands_of_times_is_looked_for_a_few_times_each() -> None:
    text = Counted("you " * 3000)
    places = Places(text.split(), text)
    assert [places.start(index) for index in range(0, 3000, 2)] == [4 * index for index in range(0, 3000, 2)]
    assert text.times < 4 * 3000
