"""Topics by phrases, groups of words close together, and exclusions, in scripts with and without spaces."""

import pytest

from analysis.labeller import LabelInput, TopicsLabel
from analysis.labellers.topics import Topics
from collector.config import Config, TopicSettings, parse, template

BASE = parse(template())


def config(*topics: TopicSettings) -> Config:
    return BASE.model_copy(update={"topics": topics})


def topic(name: str, **told: object) -> TopicSettings:
    return TopicSettings.model_validate({"name": name, **told})


CHOREOGRAPHY = topic(
    "choreography",
    phrases=["zombie choreography", "fight choreo*"],
    all=[["zombie*", "undead", "좀비", "ゾンビ"], ["choreo*", "danc*", "way of moving", "움직임", "動き"]],
    within=4,
    **{"not": ["zombie land", "좀비랜드"]},
)
TOPICS = Topics(config(CHOREOGRAPHY, topic("ending", phrases=["the ending"])))


def found(text: str, *tags: str, labeller: Topics = TOPICS) -> TopicsLabel:
    [label] = labeller.label([LabelInput(1, text, hashtags=tags)])
    return label


@pytest.mark.parametrize(
    "text",
    [
        "Zombie Choreography!",
        "zombie\nchoreography",
        "the ＺＯＭＢＩＥ choreography",
        "fight choreographers deserve more",
        "those zombies can really dance",
        "a dancing zombie",
        "the undead way of moving",
        "#ZombieChoreography",
        "#zombiechoreography",
        "#zombie_choreography",
        "#ZombieDance",
        "those #Zombies and their #Choreo",
        "좀비들의 움직임이 대박",
        "ゾンビの動きがすごい",
        "…the zombies’ dance… ß",
    ],
)
def test_it_is_found(text: str) -> None:
    assert found(text).topics == ("choreography",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zombie",
        "choreography of a musical",
        "zombiechoreography without a hash",
        "a zombie a b c d danced",
        "zombie land has a zombie choreography",
        "좀비랜드 좀비 움직임",
        "zombification of choreography",
        "좀비가 나오는데 그 아이들의 움직임",
        "zombie xchoreo xdance",
    ],
)
def test_it_is_not_found(text: str) -> None:
    assert found(text).topics == ()


def test_the_words_that_named_each_topic_are_told_in_the_configs_order() -> None:
    label = found("the ending, where undead dancers bow")
    assert label == TopicsLabel(("choreography", "ending"), (("undead", "dancers"), ("the ending",)))


def test_hashtags_beside_the_text_count_and_are_not_close_to_its_words() -> None:
    assert found("wow", "ZombieChoreography").topics == ("choreography",)
    assert found("zombies everywhere in this one house", "Choreo").topics == ()


def test_within_counts_from_the_first_word_to_the_last() -> None:
    close = topic("close", all=[["one"], ["two"], ["three"]], within=2)
    labeller = Topics(config(close))
    assert found("three one two", labeller=labeller).topics == ("close",)
    assert found("three x one two", labeller=labeller).topics == ()
    assert found("one x x two x three x x one", labeller=labeller).topics == ()
    assert found("one x x two x two three one", labeller=labeller).topics == ("close",)


def test_the_same_word_in_two_groups_serves_both() -> None:
    labeller = Topics(config(topic("both", all=[["dance*"], ["dancer", "jump"]])))
    assert found("a dancer", labeller=labeller).topics == ("both",)


def test_many_topics_cost_hardly_more_than_few() -> None:
    many = [
        topic(f"topic {number}", phrases=[f"the word{number} here", f"word{number} again"]) for number in range(500)
    ]
    labeller = Topics(config(*many))
    # a word of the text leads to what begins with it and to nothing else
    assert [len(node.words) for node in labeller._index._begun_by["the"]] == [500]
    assert len(labeller._index._begun_by["word321"]) == 1
    assert labeller._index._begun_by["here"] == []
    assert found("and the word321 here", labeller=labeller).topics == ("topic 321",)


def test_the_packaged_topics_name_the_zombie_choreography() -> None:
    labeller = Topics(BASE)
    label = found("The zombie choreography in #AllOfUsAreDead is insane, I love it", labeller=labeller)
    assert label == TopicsLabel(("zombie choreography",), (("zombie choreography",),))
    assert found("지우학 좀비 안무 미쳤다", labeller=labeller).topics == ("zombie choreography",)
