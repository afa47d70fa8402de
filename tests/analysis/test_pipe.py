"""Lines of JSON become lines of labels."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.pipe import Pipe, Unread, watching
from collector.config import parse, template
from collector.errors import ConfigError

CONFIG = parse(template().replace('engine = "auto"', 'engine = "lexicon"'))  # the same with and without the extra
PIPE = Pipe(CONFIG)


def line(text: str, **more: object) -> bytes:
    return json.dumps({"id": "1", "text": text, **more}).encode() + b"\n"


def labelled(text: str, pipe: Pipe = PIPE, **more: object) -> dict[str, Any]:
    [result] = pipe.label([line(text, **more)])
    assert isinstance(result, dict)
    return result


def test_a_line_gets_all_its_labels_and_the_words_behind_them() -> None:
    assert labelled("The zombie choreography in #AllOfUsAreDead is insane, I love it") == {
        "id": "1",
        "language": "en",
        "titles": ["All of Us Are Dead"],
        "sentiment": "positive",
        "score": 0.7003,
        "raw_score": 0.3612,
        "topics": ("zombie choreography",),
        "why": {
            "language": "common English words",
            "sentiment": (
                "“#AllOfUsAreDead”: a watched name, its words count for nothing",
                "“insane” +0.60 (all.toml: fans call what overwhelms them so)",
                "“love” +3.20",
                "the words together: +0.70",
                "so it is positive, +0.70 (lexicon); VADER alone, names and all: +0.36",
            ),
            "topics": {"zombie choreography": ("zombie choreography",)},
        },
    }


def test_korean_is_unscored_and_the_bare_title_neutral() -> None:
    assert labelled("지금 우리 학교는 진짜 재밌다")["sentiment"] == "unscored"
    bare = labelled("All of Us Are Dead")
    assert (bare["sentiment"], bare["score"], bare["raw_score"]) == ("neutral", 0.0, -0.6486)


def test_the_platforms_tag_is_heard() -> None:
    assert labelled("genial", lang="es")["language"] == "es"
    assert labelled("genial", lang=None)["language"] in {"und", "es", "de", "en"}


@pytest.mark.parametrize("post_id", ["a", 17, None])
def test_the_id_comes_back_as_it_was(post_id: object) -> None:
    assert labelled("whatever this is", id=post_id)["id"] == post_id


def test_only_the_titles_asked_for_are_told_and_all_are_masked() -> None:
    pipe = Pipe(CONFIG, ["squid game"])
    found = labelled("watching Squid Game after All of Us Are Dead tonight", pipe)
    assert found["titles"] == ["Squid Game"]
    assert found["sentiment"] == "neutral"


def test_a_title_that_is_not_watched_is_found_and_masked_by_its_name() -> None:
    pipe = Pipe(CONFIG, ["Kingdom of Disaster"])
    assert labelled("Kingdom of Disaster is a good show", pipe)["titles"] == ["Kingdom of Disaster"]
    assert labelled("kingdom of disaster", pipe)["sentiment"] == "neutral"
    assert (
        labelled("Kingdom of Disaster is a good show")["score"]
        < labelled("Kingdom of Disaster is a good show", pipe)["score"]
    )


def test_a_watched_title_is_not_watched_twice() -> None:
    assert watching(CONFIG, ["SQUID GAME"]) is CONFIG
    assert len(watching(CONFIG, ["Kingdom", "kingdom"]).titles) == len(CONFIG.titles) + 1


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_that_is_no_title_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="1 to 200 characters"):
        watching(CONFIG, [name])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"oops\n", "not JSON"),
        (b'{"id": 1, "text": "cut', "not JSON"),
        (b"\xff\xfe\n", "not JSON"),
        (b"[1, 2]\n", "not an object"),
        (b'"text"\n', "not an object"),
        (b'{"id": 1}\n', "text is missing"),
        (b'{"id": 1, "text": null}\n', "text is missing"),
        (b'{"id": 1, "text": 5}\n', "text is not a string"),
        (b'{"id": [1], "text": "a"}\n', "id is neither"),
        (b'{"id": 1, "text": "a", "lang": 5}\n', "lang is not a string"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number_and_the_rest_goes_on(bad: bytes, reason: str) -> None:
    first, unread, last = PIPE.label([line("one"), b"\n", bad, line("two")])
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert isinstance(unread, Unread)
    assert unread.number == 3
    assert reason in unread.reason


def test_a_byte_order_mark_is_no_fault() -> None:
    [result] = PIPE.label([b"\xef\xbb\xbf" + line("one")])
    assert isinstance(result, dict)


def test_each_line_is_answered_before_the_next_is_read() -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(3):
            read.append(number)
            yield line(f"text {number}")

    results = PIPE.label(lines())
    next(results)
    assert read == [0]
