"""The one escape helper, and how values are written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ui import widgets

NOW = datetime(2022, 2, 28, 12, tzinfo=UTC)


@given(st.text())
def test_escaped_text_holds_no_markup(text: str) -> None:
    escaped = widgets.text_html(text)
    assert not set('<>"') & set(escaped)


def _script(url: str, text: str, sample: bool) -> None:  # noqa: FBT001 - AppTest hands over keywords
    from types import SimpleNamespace as Row  # noqa: PLC0415 - a script of its own

    import pandas as pd  # noqa: PLC0415 - see above

    from ui import widgets as shown  # noqa: PLC0415 - see above

    at = pd.Timestamp("2022-01-29T13:00", tz="UTC")
    row = Row(platform="x", created_at=at, language="en", likes=3, reposts=None, replies=1, sentiment="positive")
    row.score, row.sample, row.url, row.text, row.topics = 0.5, sample, url, text, ("<b>topic</b>",)
    shown.post(row, why="<i>why</i>")


def post_html(url: str, text: str = "words", *, sample: bool = False) -> str:
    app = AppTest.from_function(_script, kwargs={"url": url, "text": text, "sample": sample}).run()
    assert not app.exception
    return str(app.get("html")[0].proto.body)


def test_a_post_without_words_says_so() -> None:
    assert "words of this post are not kept" in post_html("https://social.example/1", "")
    assert "not kept" not in post_html("https://social.example/1")


def test_a_post_shows_its_words_as_words() -> None:
    said = post_html("https://social.example/1", "<script>x</script> ![a](http://h/x.png)")
    assert "&lt;script&gt;" in said
    assert "<script" not in said
    assert "<b>" not in said
    assert "<i>" not in said
    assert "4 engagements" in said


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://social.example/1", "data:text/html,x", " https://x"])
def test_only_addresses_of_the_secure_web_become_links(url: str) -> None:
    assert "<a " not in post_html(url)


def test_a_link_cannot_be_broken_out_of() -> None:
    said = post_html('https://social.example/" onmouseover="x')
    assert 'onmouseover="' not in said
    assert 'rel="noopener noreferrer"' in said


def test_the_address_of_an_invented_post_is_no_link() -> None:
    said = post_html("https://social.example/1", sample=True)
    assert "<a " not in said
    assert "invented sample post" in said


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3, minutes=4), "3 h 4 min"),
        (timedelta(days=2, hours=5), "2 d 5 h"),
        (timedelta(days=20), "20 d"),
        (timedelta(days=200), "12 Aug 2021"),
    ],
)
def test_how_long_ago_is_told_in_two_units(back: timedelta, said: str) -> None:
    assert widgets.ago(pd.Timestamp(NOW - back), NOW) == said


def test_none_is_a_dash() -> None:
    nothing: list[Any] = [None, float("nan"), pd.NaT, pd.NA]
    for value in nothing:
        written = [widgets.ago(value, NOW), widgets.moment(value), widgets.percent(value), widgets.points(value)]
        assert {*written, widgets.text_or_none(value)} == {"—"}
    assert widgets.net({"net": float("nan")}) == "—"


def test_values_are_written_with_their_sign_and_unit() -> None:
    assert widgets.net({"net": 0.08, "net_low": -0.01, "net_high": 0.16}) == "+8 (-1 to +16)"
    assert widgets.percent(0.125) == "12%"
    assert widgets.sentiment_said("positive", 0.5) == "positive +0.50"
    assert widgets.sentiment_said("unscored", float("nan")) == "unscored"
    assert widgets.sentiment_said(None, None) == "not labelled yet"
