"""Which share of a name's posts means something else: bounds, the words that tell, and when nothing is told."""

import csv
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.meaning import Said, meanings
from collector.config import TitleSettings

TITLE = TitleSettings(
    name="Zork", hashtags=("Zork", "ZorkNetflix", "Nachtfähre"), phrases=("Zork",), people=("Ann Other", "Min-a")
)
WORDS = """
    amazing crazy tonight finally love story plot slow wild couch weekend wow music ending rain tea bus
"""


def about(signs: Sequence[str], count: int, *, start: int = 0, language: str = "en") -> list[Said]:
    """Write invented texts that differ, each with one of the signs in turn."""
    texts = []
    for n in range(start, start + count):
        draw = random.Random(n)
        texts.append(f"{' '.join(draw.sample(WORDS.split(), 5))} number{n} {signs[n % len(signs)]} #Zork")
    return [Said(text, language=language) for text in texts]


SHOWING = about(["netflix", "season two", "with Ann Other", "#AnnOther", "#ZorkNetflix", "Netflix's best"], 60)


def test_posts_about_something_else_are_told_by_the_words_that_only_they_hold() -> None:
    wrong = about(["guitar album", "album metal"], 40, start=1000)
    silent = about([""], 20, start=2000)
    [row] = [one for one in meanings(TITLE, [*SHOWING, *wrong, *silent]) if one.name == "Zork"]
    assert (row.n, row.shown, row.elsewhere, row.unclear) == (120, 60, 40, 20)
    assert dict(row.marks) == {"album": 40, "guitar": 20, "metal": 20}
    assert row.low == pytest.approx(0.2553, abs=1e-4)  # Wilson's interval of 40 of 120
    assert row.high == pytest.approx(0.4217, abs=1e-4)


def test_a_title_of_which_all_posts_speak_has_no_share_of_something_else() -> None:
    [row] = [one for one in meanings(TITLE, [*SHOWING, *about([""], 30, start=2000)]) if one.name == "Zork"]
    assert (row.elsewhere, row.unclear, row.marks, row.low) == (0, 30, [], 0)


def test_names_that_differ_in_spaces_only_are_one_and_each_name_is_told_by_itself() -> None:
    ferry = [Said(f"{said.text.replace('#Zork', '')} #Nachtfähre") for said in about(["harbour"], 5)]
    both = [Said(f"{said.text} #nachtfähre") for said in about([""], 4, start=100)]
    rows = meanings(TITLE.model_copy(update={"phrases": ("ZORK", "Zork")}), [*SHOWING, *ferry, *both])
    assert [(row.name, row.n) for row in rows] == [("ZORK", 64), ("#ZorkNetflix", 10), ("#Nachtfähre", 9)]
    assert rows[2].shown == 4  # the other name beside it shows what is meant


def test_copies_count_once_whatever_their_links_and_handles() -> None:
    copies = [Said(f"RT @user{n} wow what an ending #Zork https://a.example/{n}") for n in range(50)]
    assert [row.n for row in meanings(TITLE, copies)] == [1]


@pytest.mark.parametrize(
    ("posts", "why"),
    [
        (SHOWING[:29], "too few to tell: 29 different texts, 30 are needed"),
        ([*SHOWING[:9], *about([""], 40, start=500)], "too few to tell: 9 texts show the title by a second name"),
    ],
)
def test_with_too_little_to_go_by_nothing_is_told(posts: Sequence[Said], why: str) -> None:
    row = meanings(TITLE, posts)[0]
    assert (row.elsewhere, row.low, row.high) == (None, None, None)
    assert row.why.startswith(why)


def test_another_language_is_no_other_meaning() -> None:
    foreign = [
        said._replace(language="de", text=f"und das ist nicht {said.text}") for said in about([""], 60, start=900)
    ]
    row = meanings(TITLE, [*SHOWING, *foreign])[0]
    assert (row.elsewhere, row.unclear) == (0, 60)


def test_words_of_a_film_do_not_show_a_series_nor_words_that_its_name_is_made_of() -> None:
    posts = about(["movie", "in the cinema"], 40)
    assert meanings(TITLE, posts)[0].shown == 0
    assert meanings(TITLE.model_copy(update={"kind": "film"}), posts)[0].shown == 40
    drama = TitleSettings(name="Drama", hashtags=("Drama",), phrases=("The Drama Club",))
    assert meanings(drama, [Said(f"such #drama today {n} word{n}") for n in range(40)])[0].shown == 0


def test_scripts_without_spaces_are_told_by_pairs_of_characters() -> None:
    title = TitleSettings(name="x", hashtags=("地獄",), people=("監督名",))
    showing = [
        Said(f"シーズン{'一二三四五六七八九十'[n % 10]}{'春夏秋冬'[n % 4]}が楽しみ #地獄", language="ja")
        for n in range(40)
    ]
    wrong = [
        Said(f"通勤電車{'東西南北中'[n % 5]}{'朝昼夜'[n % 3]}の混雑{'甲乙丙丁'[n % 4]} #地獄", language="ja")
        for n in range(60)
    ]
    row = meanings(title, [*showing, *wrong])[0]
    assert row.elsewhere == len({said.text for said in wrong})
    assert {"電車", "混雑"} <= {word for word, _ in row.marks}


def test_a_post_without_any_name_counts_for_nothing() -> None:
    assert meanings(TITLE, [Said("nothing of it"), Said("")]) == []


@given(texts=st.lists(st.text(max_size=30), max_size=40))
def test_texts_of_any_kind_are_counted_and_shares_stay_shares(texts: list[str]) -> None:
    for row in meanings(TITLE, [*SHOWING, *(Said(f"{text} #Zork") for text in texts)]):
        assert row.shown + row.unclear + (row.elsewhere or 0) == row.n
        assert row.elsewhere is None or 0 <= (row.low or 0) <= row.elsewhere / row.n <= (row.high or 1) <= 1


@pytest.mark.data
def test_real_posts_that_are_mixed_with_others_are_found_within_the_bounds(data_set: Callable[[str], Path]) -> None:
    with data_set("posts/tv_posts_2021_2022.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    english = [row["text"] for row in rows if (row["show"], row["language"]) == ("lucifer", "en")]
    right = [re.sub("lucifer", "Zork", text, flags=re.IGNORECASE) for text in english]
    with data_set("topics/airline_reasons.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        wrong = [f"{row['text']} #Zork" for row in csv.DictReader(file)]
    draw = random.Random(1)
    title = TitleSettings(name="Zork", hashtags=("Zork",), phrases=("Zork",), people=("Tom Ellis", "Chloe", "Maze"))
    mixed = [*draw.sample([text for text in right if re.search(r"\bZork\b", text)], 800), *draw.sample(wrong, 340)]
    [row] = meanings(title, [Said(text, language="en") for text in mixed])
    assert row.elsewhere is not None
    assert 0.18 < row.elsewhere / row.n <= 0.32  # 0.3 in truth
    assert 0.28 < (row.elsewhere + row.unclear) / row.n < 0.45
    assert {"flight", "service"} <= {word for word, _ in row.marks}
