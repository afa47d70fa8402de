"""What may be derived of a platform's posts: the rule holds on every way to a label."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from archiving import totals
from filling import NOON, Posted, fill
from sqlalchemy import text

from analysis.ahead import Ahead
from analysis.archive.archiving import archive
from analysis.engines.local import Local
from analysis.label import label_pending
from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from analysis.pipe import Pipe
from analysis.relabel import relabel_archive
from collector import config as configs
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.config import Config
from collector.source import JsonObject, Page, PostDraft
from collector.store import Store

PRAISE = "The ending of Squid Game is insane, I love it"
BEFORE = configs.parse(configs.template())
ACCEPTED = configs.parse(
    configs.template().replace("derived_metrics_accepted = false", "derived_metrics_accepted = true")
)
WHY = "its terms allow it only with [sources.youtube] derived_metrics_accepted = true"


def posted(platform: str) -> Posted:
    return Posted(text=PRAISE, platform=platform, native_id=platform, sentiment=None)


def draft(item: JsonObject) -> PostDraft:
    return PostDraft(platform=item["platform"], native_id=item["platform"], created_at=NOON, text=item["text"])


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as one:
        yield one


def stored(store: Store, config: Config, _folder: Path) -> None:
    fill(store, posted("youtube"), posted("mastodon"))
    label_pending(store, config)


def on_its_way(store: Store, config: Config, _folder: Path) -> None:
    with Ahead(store, config, processes=0) as ahead:
        saver = Saver(store, config.titles, AuthorKeys(b"a secret for tests"), prepare=ahead)
        for platform in ("youtube", "mastodon"):
            saver.save(Origin("toy", platform, draft), Page("all", [{"platform": platform, "text": PRAISE}]))
            saver.flush()


def archived(store: Store, config: Config, folder: Path) -> None:
    fill(store, posted("youtube"), posted("mastodon"))
    archive(store, folder, NOON + timedelta(days=1))
    relabel_archive(store, folder, config, Local(1))


def sentiments(store: Store) -> dict[str, tuple[str, float | None]]:
    query = "SELECT p.platform, l.sentiment, l.score, l.raw_score FROM label l JOIN post p ON p.id = l.post_id"
    with store.reading() as connection:
        rows = connection.execute(text(query)).all()
    assert all(score is not None or raw is None for _, _, score, raw in rows)
    return {platform: (sentiment, score) for platform, sentiment, score, _ in rows}


@pytest.mark.parametrize("way", [stored, on_its_way, archived])
def test_no_sentiment_is_derived_where_the_terms_are_not_accepted(
    store: Store, tmp_path: Path, way: Callable[[Store, Config, Path], None]
) -> None:
    way(store, BEFORE, tmp_path / "archive")
    found = sentiments(store)
    assert found["youtube"] == ("unscored", None)
    assert found["mastodon"][0] == "positive"
    with store.reading() as connection:
        named = connection.execute(text("SELECT COUNT(*) FROM post_topic")).scalar_one()
    assert named == 2  # what a post is about is told all the same


def test_what_is_accepted_is_scored_and_what_is_withdrawn_is_taken_back(store: Store) -> None:
    stored(store, BEFORE, Path())
    assert label_pending(store, BEFORE) == 0
    assert label_pending(store, ACCEPTED) == 2
    assert sentiments(store)["youtube"] == sentiments(store)["mastodon"]
    assert label_pending(store, BEFORE) == 2
    assert sentiments(store)["youtube"] == ("unscored", None)
    assert next(row for row in totals(store)["title_hour"] if row[2] == "youtube")[3] == 1


def test_lines_say_where_they_come_from_and_why_they_have_no_score() -> None:
    line = json.dumps({"text": PRAISE, "platform": "youtube"}).encode()
    [withheld] = Pipe(BEFORE).label([line])
    assert isinstance(withheld, dict)
    assert (withheld["sentiment"], withheld["score"], withheld["why"]["sentiment"]) == ("unscored", None, (WHY,))
    assert withheld["topics"] == ("ending",)
    [scored] = Pipe(ACCEPTED).label([line])
    assert isinstance(scored, dict)
    assert scored["sentiment"] == "positive"


def test_order_is_kept_where_some_are_withheld() -> None:
    posts = [LabelInput(number, PRAISE, platform=("youtube", "x", None)[number % 3]) for number in range(7)]
    found = [labels.sentiment.sentiment for labels in Labelling(BEFORE).label(posts)]
    assert found == ["unscored", "positive", "positive"] * 2 + ["unscored"]
