"""What commands print: results for programs or people, nothing that a terminal would obey."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.console import Console, printable


def test_a_result_is_one_json_document_and_talk_goes_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(json=True)
    console.say("talk")
    console.result({"stored": 1}, "one stored")
    out, err = capsys.readouterr()
    assert orjson.loads(out) == {"stored": 1}
    assert err == "talk\n"


def test_quiet_keeps_results_and_faults(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.say("talk")
    console.warn("fault")
    console.result({}, "result")
    out, err = capsys.readouterr()
    assert (out, err) == ("result\n", "buzz: fault\n")


def test_no_progress_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Console().progress("reading", 10) as bar:
        bar.to(5)
    assert capsys.readouterr() == ("", "")


@given(st.text(max_size=100))
def test_nothing_that_a_terminal_would_obey_is_printed(text: str) -> None:
    shown = printable(text)
    assert all(char.isprintable() or char in "\n\t\u200d\ufe0f" for char in shown)


def test_what_people_write_is_left_as_it_is() -> None:
    assert printable("좀비 안무 👩‍🎤 ❤️ é") == "좀비 안무 👩‍🎤 ❤️ é"
    assert printable("\x1b[31mred\u202e") == "\\u001b[31mred\\u202e"
