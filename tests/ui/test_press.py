"""News stand beside the buzz: the Press panel, and no figure of the desk that changes with them."""

import io
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import story
from filling import NOON, Posted, cover, fill
from streamlit.testing.v1 import AppTest

from analysis import overview, voice
from analysis.export import Export, Options, write
from analysis.frames import health, hours
from analysis.frames.reader import Reader
from collector.config import Config
from collector.source import Coverage
from collector.sources import apart
from collector.store import Store
from ui.desk import ALL, Desk
from ui.main_result import title_results
from ui.title_data import Picked, read

HOUR = timedelta(hours=1)
TITLES = ("Hellbound", "Squid Game")
START, END = NOON - 16 * 24 * HOUR, NOON + HOUR
CONFIG = Config.model_validate({"titles": [{"name": name, "phrases": [name]} for name in TITLES]})


def buzz_of_two_weeks(store: Store) -> None:
    """Posts about both titles every third hour, with one hour that stands out, on two platforms, one with a hole."""
    fill(
        store,
        *(
            Posted(titles=(title,), at=START + n * HOUR, platform=platform, topics=("music",), sentiment="positive")
            for n in range(0, 384, 3)
            for title, platform in ((TITLES[0], "mastodon"), (TITLES[1], "x"))
        ),
        *(Posted(titles=(TITLES[1],), at=NOON - 60 * HOUR, platform="x", sentiment="negative") for _ in range(40)),
    )
    cover(store, START, END, titles=TITLES, platform="x")
    cover(store, START, NOON - 100 * HOUR, titles=TITLES)
    cover(store, NOON - 50 * HOUR, END, titles=TITLES)


def switch_on_the_press(store: Store) -> None:
    """From the middle of the window on, and beyond its end, articles by the dozen, one of them invented."""
    fill(
        store,
        *(
            Posted("an article", (TITLES[1],), NOON - 80 * HOUR + n * HOUR / 2, "news", "negative", topics=("music",))
            for n in range(200)
        ),
        Posted(TITLES[0], (TITLES[0],), NOON + 90 * HOUR, "news", sample=True),
    )  # fmt: skip
    for platform in apart():  # figures such as page views stand beside the buzz as well
        cover(store, NOON - 90 * HOUR, NOON + 100 * HOUR, titles=TITLES, platform=platform)
    cover(store, START, NOON, titles=TITLES, platform="news", coverage=Coverage.FAILED, reason="away")


def figures(url: str) -> dict[str, Any]:
    """Everything that the desk, the overview, the command line and the exports tell of the buzz."""
    with Reader(url) as reader:
        desk = Desk(reader, CONFIG)
        told: dict[str, Any] = {"end": desk.end, "results": title_results(reader, CONFIG.titles)}
        counted, known, topics = hours.hours(reader), health.covered(reader), hours.topic_hours(reader)
        told["overview"] = overview.overview(counted, known, topics, desk.ranks(TITLES), titles=TITLES, until=desk.end)
        for title in TITLES:
            window = desk.window(title, ALL)
            assert window is not None
            shown = read(desk, Picked(title, window, None))
            told |= {f"{title} {name}": part for name, part in shown._asdict().items() if name != "buzz"}
            told |= {f"{title} {name}": part for name, part in shown.buzz._asdict().items()}
            told |= {f"{title} window": window, f"{title} sample": shown.sample}
            sums, edges = hours.sums(reader, *window), hours.edge_hours(reader, *window)
            told[f"{title} voice"] = voice.share_of_voice(sums, edges, known, voice.whole_hours(*window)).frame
        told["days"] = hours.days(reader)
        for what in ("hours", "topics"):
            stream = io.BytesIO()
            write(reader, Export(what, options=Options()), stream)  # type: ignore[arg-type] # two of the kinds
            told[f"export of {what}"] = stream.getvalue()
    return told


def test_switching_the_press_on_in_mid_window_changes_no_figure_of_the_buzz(store: Store) -> None:
    buzz_of_two_weeks(store)
    before = figures(store.url)
    assert len(before["Squid Game peaks"]) == 1
    assert before["Squid Game voice"]["share"].notna().all()
    switch_on_the_press(store)
    after = figures(store.url)
    assert before.keys() == after.keys()
    for name, part in before.items():
        if isinstance(part, pd.DataFrame):
            pd.testing.assert_frame_equal(part, after[name], obj=name)
        else:
            assert part == after[name], name


def test_a_title_shows_its_press_escaped_and_links_only_to_the_web(
    tmp_path: Path, told: Path, run_view: Callable[..., AppTest]
) -> None:
    for name in ("config.toml", "buzz.db"):
        shutil.copy(told / name, tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        for place, headline, url, sample in (
            ("paper.example/1", "Paper Lanterns <script>returns</script>", "https://paper.example/1?a=<b>", False),
            ("evil.example/2", "Paper Lanterns lure", "javascript:alert(1)", False),
            ("demo.example/3", "Paper Lanterns invented", "https://real.example/3", True),
        ):
            of = ("Paper Lanterns",)
            fill(store, Posted(headline, of, story.PEAK, "news", native_id=place, url=url, sample=sample))
        cover(store, story.START, story.PEAK + HOUR, titles=("Paper Lanterns",), platform="news")
    app = run_view(tmp_path, "title")
    said = "\n".join(str(part.proto.body) for part in app.get("html"))
    assert not app.exception
    assert "Press: 3 articles by 3 publishers" in said
    assert '<a href="https://paper.example/1?a=&lt;b&gt;" target="_blank"' in said
    assert "&lt;script&gt;returns&lt;/script&gt;" in said
    assert "<script>" not in said
    assert "javascript:" not in said
    assert "https://real.example/3" not in said
    assert "n = 3 articles" in said
    assert "Known by one feed or search at least: 56% of this window." in said
    assert [box.options for box in app.selectbox if box.key == "platform"] == [["All platforms", "mastodon", "x"]]
