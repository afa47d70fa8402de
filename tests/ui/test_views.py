"""Each screen over a told, an empty and a missing database, without a browser."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import story
from streamlit.testing.v1 import AppTest

import ui
from analysis.frames.posts import count_posts
from analysis.frames.reader import Reader
from ui import app as router
from ui.views import health, overview, posts, start, title

RunView = Callable[..., AppTest]
VIEWS = tuple(view.__name__.rpartition(".")[2] for view in (overview, title, posts, health, start))
FLOOR = Path(ui.__file__).parent


def said(app: AppTest) -> str:
    """Return all that st.html wrote, as one text."""
    assert not app.exception, [fault.message for fault in app.exception]
    return "\n".join(str(part.proto.body) for part in app.get("html"))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_an_empty_database_says_what_to_do_and_draws_no_empty_plot(
    view: str, empty: Path, run_view: RunView
) -> None:
    app = run_view(empty, view)
    assert "buzz collect --once" in said(app)
    assert not app.get("vega_lite_chart")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_a_told_database_runs(view: str, told: Path, run_view: RunView) -> None:
    words = {"posts": "1,668 posts fit", "health": "2 of 2 sources", "start": "How to gather more"}.get(
        view, "Paper Lanterns"
    )
    assert words in said(run_view(told, view))


def test_a_missing_database_is_one_sentence_and_a_checklist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUZZ_DB", f"sqlite:///{tmp_path / 'nowhere.db'}")
    app = AppTest.from_file(str(router.__file__), default_timeout=60).run()
    text = said(app)
    assert "nowhere.db" in text
    assert "buzz init" in text
    assert "Traceback" not in text


def test_a_database_that_is_something_else_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.db").write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("BUZZ_DB", f"sqlite:///{tmp_path / 'other.db'}")
    assert "other.db" in said(AppTest.from_file(str(router.__file__), default_timeout=60).run())


def test_the_router_has_under_a_hundred_lines() -> None:
    assert len(Path(router.__file__).read_text(encoding="utf-8").splitlines()) < 100


def test_the_overview_says_who_leads_up_to_when_and_on_which_platforms(told: Path, run_view: RunView) -> None:
    app = run_view(told, "overview")
    text = said(app)
    assert "Paper Lanterns leads with 192 posts in the 24 hours to 3 Feb 2022 00:00 UTC" in text
    assert "Historical data to Thu 3 Feb 2022 00:00 UTC" in text
    titles = app.dataframe[0].value.iloc[0]
    assert (titles["Title"], titles["Posts 24 h"], titles["Best rank"]) == ("Paper Lanterns", 192, "No. 1")
    # x alone is known a week before as well as now
    assert "mastodon" in text


def test_a_title_tells_its_peak_and_the_posts_behind_it(told: Path, run_view: RunView) -> None:
    app = run_view(told, "title")
    text = said(app)
    assert "Buzz peaked at 67 posts an hour on Sat 29 Jan 2022, 13:00 UTC" in text
    assert "dance scene" in text
    assert "Peak 1: dance scene" in text
    assert "The dance scene in #PaperLanterns is great, I love it" in text
    assert "Grey bands: hours not known of mastodon" in text
    assert "It was No. 1 of the world (Netflix, week to 6 Feb 2022)" in text
    assert "No press is known of this window" in text


def test_the_posts_of_a_peak_are_as_many_as_are_stored_for_its_hours(told: Path, run_view: RunView) -> None:
    text = said(run_view(told, "title"))
    peak = re.search(r"Sat 29 Jan 2022, (\d\d):00 UTC .* in the whole peak of (\d+) hour", text)
    shown = re.search(r"The 4 most engaged of (\d+) posts, on all platforms shown", text)
    assert peak is not None
    assert shown is not None
    assert peak[2] == "1"
    since = datetime(2022, 1, 29, int(peak[1]), tzinfo=UTC)
    with Reader(f"sqlite:///{told / 'buzz.db'}") as reader:
        stored = count_posts(reader, title="Paper Lanterns", since=since, until=since + timedelta(hours=1))
    assert int(shown[1]) == stored > story.IN_PEAK


def test_a_title_of_a_database_without_sample_posts_never_says_invented(told: Path, run_view: RunView) -> None:
    assert "nvented" not in said(run_view(told, "title"))


def test_platforms_are_drawn_each_for_itself_and_can_be_picked(told: Path, run_view: RunView) -> None:
    both, one = run_view(told, "title"), run_view(told, "title", platform="mastodon")
    assert [box.value for box in both.selectbox if box.key == "platform"] == ["All platforms"]
    assert [box.value for box in one.selectbox if box.key == "platform"] == ["mastodon"]
    assert "Buzz peaked" not in said(one)  # one post an hour has no peak


def test_filters_of_the_address_that_make_no_sense_are_dropped(told: Path, run_view: RunView) -> None:
    app = run_view(told, "title", title="No such title", period="1 century", peak="77", countries="Atlantis")
    assert "Buzz peaked at 67" in said(app)


def test_a_short_period_says_that_there_is_no_peak_and_shows_posts_instead(told: Path, run_view: RunView) -> None:
    text = said(run_view(told, "title", period="24 h"))
    assert "No peak in this window" in text
    assert "Most engaged posts of this window" in text


def test_posts_are_searched_filtered_and_counted(told: Path, run_view: RunView) -> None:
    assert f"{story.IN_PEAK} posts fit the filters" in said(run_view(told, "posts", q="DANCE scene"))
    assert f"{story.IN_PEAK} posts fit the filters" in said(run_view(told, "posts", topic="dance scene"))
    korean = said(run_view(told, "posts", q="재미있어요", sentiment="positive"))
    assert "No post fits these filters" in korean  # there is no Korean labeller yet, so none is positive
    hour = said(run_view(told, "posts", since="2022-01-29T13:00", until="2022-01-29T14:00", on="x"))
    assert "67 posts fit the filters" in hour


def test_a_search_that_cannot_be_read_is_told_with_its_place_and_escaped(told: Path, run_view: RunView) -> None:
    text = said(run_view(told, "posts", q="scene <!>"))
    assert "the search, at character 7: &lt;!&gt; has no letter, digit or emoji to search for; leave it out." in text


def test_a_page_of_posts_holds_twenty_and_says_why_when_asked(told: Path, run_view: RunView) -> None:
    app = run_view(told, "posts", q="dance scene")
    assert said(app).count("bz-post") == 20
    assert "Sentiment:" not in said(app)
    app.toggle[0].set_value(True).run()
    assert "Topics: dance scene: " in said(app)


def test_an_unscored_post_is_shown_as_unscored_and_never_as_neutral(told: Path, run_view: RunView) -> None:
    text = said(run_view(told, "posts", q="재미있어요"))
    assert "unscored" in text
    assert "neutral" not in text.replace("never neutral", "")


def test_health_names_what_failed_and_how_to_mend_it(told: Path, run_view: RunView) -> None:
    app = run_view(told, "health")
    said(app)
    frames = [frame.value for frame in app.dataframe]
    ledger = frames[-1]
    assert "tag timelines are closed: name another server" in ledger.iloc[0]["Why, and how to mend it"]
    stored = next(frame for frame in frames if "What" in frame).set_index("What")["Rows"]
    assert stored["Posts"] == sum(
        stored[f"Posts labelled {name}"] for name in ("positive", "neutral", "negative", "unscored")
    )


def test_sample_posts_are_called_invented_wherever_they_count(demo: Path, run_view: RunView) -> None:
    for view in ("overview", "title", "posts"):
        app = run_view(demo, view)
        assert "Invented sample posts" in said(app), view
        for plot in app.get("vega_lite_chart"):
            assert "Invented sample posts" in plot.proto.spec, view
        if view == "overview":
            # its plot alone draws more invented posts than the table's week has
            number = re.search(r"Invented sample posts: ([\d,]+) of the posts on this page", said(app))
            assert number
            assert int(number[1].replace(",", "")) > 3_873  # the posts of one title in that plot


def test_a_view_survives_a_hostile_title_topic_and_post(tmp_path: Path, run_view: RunView) -> None:
    attack = (
        "![x](http://127.0.0.1:9/canary.png) <img src=http://127.0.0.1:9/canary.png> $\\\\href{http://127.0.0.1:9}{x}$"
    )
    story.write(tmp_path, title=f"Title {attack}"[:190], topic=f"Topic {attack}"[:190], extra=f"Post {attack}")
    for view in VIEWS:
        app = run_view(tmp_path, view)
        assert "<img" not in said(app)
        for kind in ("markdown", "caption", "error", "warning", "info", "metric", "code"):
            assert not app.get(kind), (view, kind)


# --- the ban: hostile text reaches the screen through one helper only

INERT = {"html", "text", "dataframe", "altair_chart", "download_button", "columns", "container", "grid", "selectbox"}
LITERAL = {
    "selectbox", "multiselect", "segmented_control", "text_input", "number_input", "datetime_input", "toggle", "button",
    "download_button", "Page",
}  # fmt: skip
HARMLESS = {
    "html", "dataframe", "altair_chart", "columns", "container", "grid", "switch_page", "rerun", "set_page_config",
    "navigation", "cache_resource", "App", "fragment",
}  # fmt: skip
STATE = {"session_state", "query_params", "context", "column_config"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield every call of a Streamlit function in the app: (file, function, call)."""
    files = [FLOOR / "app.py", FLOOR / "server.py", FLOOR / "widgets.py", *sorted((FLOOR / "views").rglob("*.py"))]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := _streamlit_name(node.func)) is not None:
                yield path.name, name, node


def _streamlit_name(function: ast.expr) -> str | None:
    parts = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    return parts[-1] if isinstance(function, ast.Name) and function.id == "st" and parts else None


def test_only_known_streamlit_functions_are_called() -> None:
    """st.markdown, write, caption, error, metric, tabs, expander … read Markdown, which fetches pictures."""
    unknown = {(file, name) for file, name, _ in calls()} - {
        (file, name) for file, name, _ in calls() if name in LITERAL | HARMLESS | STATE
    }
    assert not unknown


def test_labels_and_helps_are_literals() -> None:
    told = list(calls())
    assert len(told) > 30
    for file, name, call in told:
        if name in LITERAL and name != "Page":
            label = call.args[0]
            literal = isinstance(label, ast.Constant) or (file, name) == ("posts.py", "datetime_input")
            assert literal, (file, name, call.lineno)
        for keyword in call.keywords:
            if keyword.arg in {"help", "label", "placeholder", "icon", "title"} and name not in HARMLESS:
                assert isinstance(keyword.value, ast.Constant), (file, name, call.lineno)


def test_every_piece_of_html_is_written_by_widgets() -> None:
    assert {file for file, name, _ in calls() if name == "html"} == {"widgets.py"}
