"""Stored posts that a title would have: by any of its names, on both databases."""

from filling import Posted, fill

from analysis.frames.reader import Reader
from analysis.search import MAX_PARTS, MAX_QUERY, parse
from analysis.stored import queries, stored
from collector.config import TitleSettings
from collector.store import Store

TITLE = TitleSettings(
    name="Night Ferry",
    hashtags=("NightFerry", "밤배"),
    phrases=("Night Ferry", '"quoted" name'),
    exclude=("real ferry",),
)


def test_posts_of_other_titles_and_of_none_are_found_by_each_name(store: Store) -> None:
    fill(
        store,
        Posted("I saw Night Ferry", native_id="1"),
        Posted("nothing", hashtags=frozenset({"밤배"}), titles=(), native_id="2"),
        Posted("look #nightferry", platform="x", native_id="3"),
        Posted('a "quoted" name', native_id="4"),
        Posted("the real ferry is no Night Ferry", native_id="5"),
        Posted("night ferries and NightFerrys", native_id="6"),
        Posted("Night Ferry, invented", sample=True, native_id="7"),
    )
    with Reader(store.url) as reader:
        found = stored(reader, TITLE, 100)
        assert sorted(found["native_id"]) == ["1", "2", "3", "4"]
        assert dict(zip(found["native_id"], found["titles"], strict=True))["2"] == ()
        assert len(stored(reader, TITLE, 1)) == 1
        assert stored(reader, TitleSettings(name="x", hashtags=("Elsewhere",)), 100).empty


def test_any_number_of_names_makes_searches_that_can_be_asked() -> None:
    names = tuple(f"{'name' * 10} {number}" for number in range(200))
    title = TitleSettings(name="x", phrases=names, hashtags=tuple(f"tag{number}" for number in range(100)))
    asked = list(queries(title))
    for query in asked:
        assert len(query) <= MAX_QUERY
        assert len(query.split(" OR ")) <= MAX_PARTS
        assert parse(query) is not None
    assert sum(len(query.split(" OR ")) for query in asked) == 300
