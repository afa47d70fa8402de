"""What holds for every registered labeller, whatever it labels and whoever wrote the post."""

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.labeller import LabelInput, Labeller, signature
from analysis.labellers import LABELLERS
from collector.config import TitleSettings, TopicSettings, parse, template

CONFIG = parse(template())
BUILT: dict[str, Labeller[Any]] = {name: LABELLERS[name](CONFIG) for name in LABELLERS}
POSTS = [
    LabelInput(1, "The zombie choreography in #AllOfUsAreDead is insane, I love it", "en", language="en"),
    LabelInput(2, "지금 우리 학교는 진짜 재밌다", "ko", language="ko"),
    LabelInput(3, "Squid Game", None),
    LabelInput("four", "", None),
    LabelInput(5, "La coreografía de los zombis es una maravilla", "es", ("ZombieChoreography",), "es"),
]
HOSTILE = [
    "\x00",
    "\ud800 lone surrogate",
    "a\u202egnp.exe",
    "<script>alert(1)</script>",
    "'; DROP TABLE post; --",
    "=HYPERLINK('x')",
    "😭" * 2_000,
    "#" * 5_000,
    "#ZombieChoreography" * 1_000,
    "zombie " * 3_000,
    "좀비 " * 3_000 + "안무",
    "Z\u0351\u036b\u0343a\u0329l\u0321g\u033bo " * 300,
    "@" * 3_000 + "a@b@c.d",
    "http://" * 2_000,
    "no but not never so kind of " * 500,
    "ﷺ" * 200 + "ß" * 200 + "İ" * 200,
    "\r\n\v\f\u2028\u2029\u0085 ",
    "'s 's' ''' ’s",
]

anything = st.text(st.characters(codec=None, exclude_categories=[]), max_size=200)
pieces = st.lists(
    st.one_of(
        anything, st.sampled_from(["All of Us Are Dead", "#Hellbound", "좀비", "choreo", " ", "’s", "@x", "not "])
    ),
    max_size=8,
).map("".join)
inputs = st.builds(
    LabelInput,
    st.integers(),
    pieces,
    st.one_of(st.none(), st.sampled_from(["en", "EN-gb", "ko", "und", "in", "qme", "", "\x00"]), anything),
    st.lists(anything, max_size=3).map(tuple),
    st.sampled_from(["en", "und", "ko"]),
)

each = pytest.mark.parametrize("name", list(LABELLERS))


@each
def test_it_is_called_by_the_name_it_is_registered_under(name: str) -> None:
    assert BUILT[name].name == name


@each
def test_it_keeps_length_and_order_however_the_posts_are_cut(name: str) -> None:
    labeller = BUILT[name]
    whole = labeller.label(POSTS)
    assert len(whole) == len(POSTS)
    assert [label for post in POSTS for label in labeller.label([post])] == whole
    assert labeller.label(POSTS[::-1]) == whole[::-1]
    assert labeller.label([]) == []


@each
def test_it_gives_the_same_labels_again_and_when_built_anew(name: str) -> None:
    labeller = BUILT[name]
    first = labeller.label(POSTS)
    shuffled = random.Random(1).sample(POSTS, len(POSTS))
    labeller.label(shuffled)
    again = LABELLERS[name](CONFIG)
    assert labeller.label(POSTS) == first
    assert again.label(POSTS) == first
    assert signature(again) == signature(labeller)


@each
@pytest.mark.parametrize("text", HOSTILE)
def test_it_survives_hostile_text(name: str, text: str) -> None:
    assert len(BUILT[name].label([LabelInput(1, text, "en", (text[:50],), "en")])) == 1


@settings(max_examples=100)
@given(posts=st.lists(inputs, max_size=4))
def test_they_survive_any_text_and_say_what_they_may(posts: list[LabelInput]) -> None:
    for name, labeller in BUILT.items():
        labels = labeller.label(posts)
        assert len(labels) == len(posts)
        for label in labels:
            _check(name, label)


def _check(name: str, label: Any) -> None:  # noqa: ANN401 - each labeller has its own
    match name:
        case "language":
            assert label.language == label.language.lower()
            assert 2 <= len(label.language) <= 3
            assert label.why
        case "sentiment":
            assert label.sentiment in {"positive", "neutral", "negative", "unscored"}
            assert (label.score is None) == (label.raw_score is None) == (label.sentiment == "unscored")
            assert label.score is None or -1 <= label.score <= 1
        case "topics":
            assert len(label.topics) == len(set(label.topics)) == len(label.why)
            assert set(label.topics) <= {topic.name for topic in CONFIG.topics}
            assert all(label.why)


@each
def test_the_post_itself_is_left_as_it_was(name: str) -> None:
    posts = [dataclasses.replace(post) for post in POSTS]
    BUILT[name].label(posts)
    assert posts == POSTS


def test_a_changed_config_changes_the_version_of_what_reads_it_and_of_nothing_else() -> None:
    title = TitleSettings(name="Kingdom", hashtags=("Kingdom",))
    topic = TopicSettings(name="hats", phrases=("the hats",))
    with_title = CONFIG.model_copy(update={"titles": (*CONFIG.titles, title)})
    with_topic = CONFIG.model_copy(update={"topics": (*CONFIG.topics, topic)})
    changed_by_title = {name for name in LABELLERS if LABELLERS[name](with_title).version != BUILT[name].version}
    changed_by_topic = {name for name in LABELLERS if LABELLERS[name](with_topic).version != BUILT[name].version}
    assert changed_by_title == {"language", "sentiment"}
    assert changed_by_topic == {"topics"}
