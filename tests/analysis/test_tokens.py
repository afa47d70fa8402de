"""Texts cut into words quickly, and as the plain regular expression cuts them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.tokens import WORD, blanked

parts = st.one_of(
    st.sampled_from(
        ["don't", "''", "'s", "rock 'n' roll", "é", "좀비", "हिन्दी", "\u0301", "😭", "“", "_", "１", "²", "\x1c"]
    ),
    st.text(st.characters(codec=None, exclude_categories=[], exclude_characters="#"), max_size=4),
)


@settings(max_examples=250)
@given(text=st.lists(parts, max_size=10).map("".join))
def test_words_are_those_of_the_regular_expression(text: str) -> None:
    assert blanked(text).split() == WORD.findall(text)


def test_the_sign_of_a_hashtag_is_kept() -> None:
    assert blanked("Oh, #this (and #that)!").split() == ["Oh", "#this", "and", "#that"]
