"""Override files: read, laid over each other, and refused with file, line and word."""

import pytest

from analysis.scorers.overrides import of, read, shipped
from collector.errors import ConfigError

OWN = """
[words]
dead = { score = -1, reason = "said of the pacing" }
gripping = { score = 3, reason = "our readers say so" }

[phrases]
"left no crumbs" = { score = 0, reason = "not with us" }
"""


def test_a_genre_is_laid_over_what_holds_for_all_titles() -> None:
    everywhere, horror = of([]), of(["Horror"])
    assert "scary" not in everywhere.words
    assert horror.words["scary"].score > 0
    assert horror.words["banger"] == everywhere.words["banger"]


def test_the_users_own_file_holds_over_the_shipped_one_and_leaves_the_rest() -> None:
    own = of(["horror"], [("words/all.toml", OWN)])
    assert own.words["gripping"] == (3.0, "our readers say so", "words/all.toml")
    assert own.words["scary"] == of(["horror"]).words["scary"]
    assert own.phrases["left no crumbs"].score == 0
    horror = of(["horror"], [("C:\\words\\horror.toml", OWN)])
    assert horror.words["dead"].score == -1
    assert of(["comedy"], [("horror.toml", OWN)]).words["dead"].score != -1


def test_of_two_genres_the_first_holds() -> None:
    files = [
        ("one.toml", "[words]\nodd = { score = 1, reason = 'a' }"),
        ("two.toml", "[words]\nodd = { score = 2, reason = 'b' }"),
    ]
    assert of(["one", "two"], files).words["odd"].score == 1
    assert of(["two", "one"], files).words["odd"].score == 2


def test_every_shipped_entry_has_a_reason_and_a_score_that_vader_knows() -> None:
    entries = [entry for name, text in shipped() for table in read(name, text) for entry in table.values()]
    assert len(entries) > 1000
    assert all(len(entry.reason) > 10 and -4 <= entry.score <= 4 for entry in entries)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[words]\n\ndead = { score = 9, reason = 'x' }", "f.toml line 3: words 'dead' has the score 9, which must"),
        ("[words]\ndead = { score = true, reason = 'x' }", "line 2: words 'dead' has the score True"),
        ("[words]\ndead = { score = 1 }", "line 2: words 'dead' must look like"),
        ("[words]\ndead = 1", "line 2: words 'dead' must look like"),
        ("[words]\ndead = { score = 1, reason = ' ' }", "line 2: words 'dead' has no reason"),
        ("[words]\n'so dead' = { score = 1, reason = 'x' }", "line 2: words 'so dead' is no single word"),
        ("[phrases]\ndead = { score = 1, reason = 'x' }", "line 2: phrases 'dead' is no phrase"),
        ("[phrases]\n'so * good' = { score = 1, reason = 'x' }", "line 2: phrases 'so * good' is no phrase"),
        ("[emoji]\ngood = { score = 1, reason = 'x' }", "line 2: emoji 'good' is no emoji"),
        ("[slang]\n", "f.toml: slang is no table of an override file"),
        ("[words\n", "f.toml is not valid TOML"),
    ],
)
def test_a_broken_file_is_told_with_line_and_word(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read("f.toml", text)
    assert told in str(raised.value)
