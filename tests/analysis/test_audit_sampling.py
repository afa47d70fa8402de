"""Samples for audits: equal parts of each language and class, weights that add up, the same posts for the same seed."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.sampling import LEAST, Stratum, allocate, draw, merged
from analysis.confusion import CLASSES

STRATA = st.builds(Stratum, st.sampled_from(["en", "ko", "es", "th", "tr"]), st.sampled_from(CLASSES))


def posts(**counts: int) -> list[tuple[int, str, str]]:
    """Candidates by language_class=how many."""
    kinds = [tuple(name.split("_")) for name, count in counts.items() for _ in range(count)]
    return [(number, *kind) for number, kind in enumerate(kinds, start=1)]


def test_each_language_and_class_gets_as_many() -> None:
    many = posts(en_positive=5000, en_neutral=300, en_negative=40, ko_positive=90, ko_neutral=60, ko_negative=30)
    drawing = draw(many, 120, seed=1)
    assert Counter((item.language, item.given) for item in drawing.items) == {
        (language, given): 20 for language in ("en", "ko") for given in CLASSES
    }
    assert {(item.language, item.given): item.weight for item in drawing.items}["en", "positive"] == 250


def test_a_stratum_with_few_posts_leaves_its_places_to_the_others() -> None:
    drawing = draw(posts(en_positive=500, en_neutral=500, en_negative=3), 60, seed=1)
    assert Counter(item.given for item in drawing.items) == {"negative": 3, "neutral": 28, "positive": 29}


def test_languages_for_which_there_is_no_room_are_one_stratum() -> None:
    languages = [f"l{number}" for number in range(30)]
    many = [(at, language, "neutral") for at, language in enumerate(languages * 2)]
    many += [(1000 + at, "en", "neutral") for at in range(100)]
    drawing = draw(many, 60, seed=1)
    assert {item.language for item in drawing.items} == {"en", "other"}
    assert drawing.sizes == {Stratum("en", "neutral"): 100, Stratum("other", "neutral"): 60}
    assert set(merged(drawing.sizes, LEAST).values()) == {Stratum("other", "neutral")}


def test_the_order_of_the_posts_changes_nothing_and_the_seed_does() -> None:
    many = posts(en_positive=200, en_negative=200)
    shuffled = random.Random(5).sample(many, len(many))
    assert draw(many, 50, seed=7) == draw(shuffled, 50, seed=7)
    assert {item.post_id for item in draw(many, 50, 7).items} != {item.post_id for item in draw(many, 50, 8).items}


def test_every_post_of_a_stratum_is_drawn_as_often() -> None:
    many = posts(en_positive=20, en_negative=200)
    drawn = Counter(item.post_id for seed in range(300) for item in draw(many, 10, seed).items)
    assert all(45 <= drawn[number] <= 105 for number in range(1, 21))  # 75 expected, give or take 4 deviations of 7.5


def test_the_first_half_of_the_order_has_half_of_each_stratum() -> None:
    items = draw(posts(en_positive=900, en_negative=900), 200, seed=3).items
    assert 35 <= sum(item.given == "positive" for item in items[:100]) <= 65


def test_nothing_to_draw_is_an_empty_sample() -> None:
    assert draw([], 100, seed=1).items == []


@given(st.dictionaries(STRATA, st.integers(1, 400)), st.integers(1, 300))
def test_a_sample_is_as_large_as_asked_and_stands_for_every_post(sizes: dict[Stratum, int], size: int) -> None:
    counts = allocate(sizes, size)
    assert sum(counts.values()) == min(size, sum(sizes.values()))
    assert all(1 <= counts[stratum] <= sizes[stratum] for stratum in counts)
    assert len(counts) == min(len(sizes), size)
    many = [stratum for stratum, count in sizes.items() for _ in range(count)]
    drawing = draw([(at, *stratum) for at, stratum in enumerate(many)], size, seed=1)
    assert len({item.post_id for item in drawing.items}) == len(drawing.items) == sum(counts.values())
    if len(merged(sizes, size)) <= size:
        assert round(sum(item.weight for item in drawing.items), 6) == sum(sizes.values())
