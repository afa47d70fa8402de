"""Posts that come with labels and words of their own are stored as those that get them afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import text

from analysis.ahead import Ahead
from analysis.frames.posts import count_posts
from analysis.frames.reader import Reader
from analysis.label import label_pending
from analysis.rollup import roll, verify
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.config import parse, template
from collector.records import Counts, MatchedPost, Prepared
from collector.source import JsonObject, Page, PostDraft
from collector.store import Store

CONFIG = parse(template())
NOON = datetime(2022, 1, 29, 12, tzinfo=UTC)
TEXTS = (
    "The zombie choreography in #AllOfUsAreDead is insane, I love it",
    "지금 우리 학교는 진짜 재밌다 #AllOfUsAreDead",
    "weather",
    "so boring, I hate #SquidGame",
    "wow #AllOfUsAreDead #SquidGame",
)
LABELLED = """
    SELECT p.native_id, l.language, l.language_by, l.sentiment, l.score, l.raw_score, l.sentiment_by, l.topics_by
    FROM post p LEFT JOIN label l ON l.post_id = p.id ORDER BY p.native_id
"""
TOPICS = """
    SELECT p.native_id, t.name FROM post_topic x JOIN post p ON p.id = x.post_id JOIN topic t ON t.id = x.topic_id
    ORDER BY p.native_id, t.name
"""
ROWS = (LABELLED, TOPICS, "SELECT * FROM title_hour ORDER BY 1, 2, 3")


def draft(item: JsonObject) -> PostDraft:
    return PostDraft(
        platform="toy", native_id=item["id"], created_at=NOON, text=item["text"], edited_at=item.get("edited_at")
    )


ORIGIN = Origin("toy", "toy", draft, keep_all=True)
PAGE = Page("all", [{"id": str(number), "text": body} for number, body in enumerate(TEXTS)], {"at": "1"})


def saver(store: Store, prepare: "Ahead | Slow | None" = None) -> Saver:
    return Saver(store, CONFIG.titles, AuthorKeys(b"a secret for tests"), prepare=prepare)


def rows(store: Store) -> list[list[tuple[object, ...]]]:
    with store.reading() as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in ROWS]


class Slow:
    """Prepares as Ahead does, with two batches under way; tells what it was asked for."""

    at_once = 2

    def __init__(self, ahead: Ahead) -> None:
        self.ahead = ahead
        self.asked: list[list[str]] = []

    def begin(self, posts: Sequence[MatchedPost]) -> Callable[[], Prepared]:
        self.asked.append([post.draft.native_id for post in posts])
        return self.ahead.begin(posts)


def test_labels_words_and_totals_are_those_that_stored_posts_get(store: Store) -> None:
    saver(store).save(ORIGIN, PAGE)
    label_pending(store, CONFIG)
    roll(store)
    afterwards = rows(store)
    with store.writing() as connection:
        connection.execute(text("DELETE FROM post"))
    with Ahead(store, CONFIG) as ahead:
        assert saver(store, ahead).save(ORIGIN, PAGE).stored == len(TEXTS)
    roll(store)
    assert rows(store) == afterwards
    assert afterwards[0][2][1] is None  # it speaks of no title
    assert len(afterwards[1]) == 1
    assert label_pending(store, CONFIG) == 0
    assert verify(store) == []
    with Reader(store.url) as reader:
        assert count_posts(reader, search='"zombie choreography"') == 1


def test_pages_are_saved_later_but_in_order_and_what_is_known_again_and_again_is_not_labelled(store: Store) -> None:
    with Ahead(store, CONFIG) as ahead:
        slow = Slow(ahead)
        late = saver(store, slow)
        edited = {"id": "0", "text": "now I hate #AllOfUsAreDead", "edited_at": NOON}
        told = [late.save(ORIGIN, PAGE), late.save(ORIGIN, Page("all", [], {"at": "2"}, deleted=["1"]))]
        assert told == [Counts(), Counts()]
        assert store.cursor("toy").get("at") is None
        assert late.save(ORIGIN, Page("all", [{"id": "1", "text": TEXTS[1]}, edited], {"at": "3"})).stored == len(TEXTS)
        assert store.cursor("toy").get("at") == "1"
        assert late.flush() == Counts(read=2, known=2, matched=2, deleted=1)  # what was deleted does not come back
        late.save(ORIGIN, PAGE)
        late.flush()
    assert slow.asked == [["0", "1", "2", "3", "4"], [], ["1", "0"], []]
    label_pending(store, CONFIG)
    assert {row[0]: row[3] for row in rows(store)[0]}["0"] == "negative"


def test_what_was_known_and_is_gone_when_it_is_saved_is_labelled_afterwards(store: Store) -> None:
    saver(store).save(ORIGIN, PAGE)
    with Ahead(store, CONFIG) as ahead:
        late = saver(store, Slow(ahead))
        late.save(ORIGIN, PAGE)
        assert late.flush().known == len(TEXTS)  # from now on it asks what is stored already
        late.save(ORIGIN, Page("all", [{"id": "0", "text": TEXTS[0]}]))
        with store.writing() as connection:  # as an archive does that drops a day
            connection.execute(text("DELETE FROM post WHERE native_id = '0'"))
        assert late.flush().stored == 1
    assert label_pending(store, CONFIG) == 4
    with Reader(store.url) as reader:
        assert count_posts(reader, search="choreography") == 1


def test_labels_of_another_config_are_replaced_afterwards(store: Store) -> None:
    saver(store).save(ORIGIN, PAGE)
    label_pending(store, CONFIG)
    changed = CONFIG.model_copy(update={"topics": ()})
    with Ahead(store, changed) as ahead:
        saver(store, ahead).save(ORIGIN, Page("all", [{"id": "9", "text": TEXTS[0]}]))
    assert label_pending(store, CONFIG) == 1  # the one that came in with the other config's labels
    assert len(rows(store)[1]) == 2
