import json

import orjson
from hypothesis import given
from hypothesis import strategies as st
from mastodon_stub import status
from x_stub import NOW, post

from collector.raw import as_json, without_authors


def test_author_objects_are_taken_out_at_any_depth() -> None:
    item = status(1, reblog=status(2), mentions=[{"acct": "friend@far.example"}], in_reply_to_account_id="7")
    kept = json.dumps(without_authors(item))
    assert "Someone Invented" not in kept
    assert "friend@far.example" not in kept
    assert "in_reply_to_account_id" not in kept
    assert without_authors(item)["content"] == item["content"]
    assert without_authors(item)["reblog"]["uri"] == item["reblog"]["uri"]


def test_an_x_post_loses_its_author_and_whom_it_names() -> None:
    item = post(NOW, author={"username": "invented"}, in_reply_to_user_id="9", text="hello")
    item["entities"]["mentions"] = [{"username": "somebody", "id": "3"}]
    kept = without_authors(item)
    assert {"author", "author_id", "in_reply_to_user_id"}.isdisjoint(kept)
    assert set(kept["entities"]) == {"hashtags"}
    assert kept["public_metrics"] == item["public_metrics"]


def test_the_item_itself_is_left_alone() -> None:
    item = status(1)
    before = json.dumps(item)
    without_authors(item)
    assert json.dumps(item) == before


def test_whatever_it_gives_can_be_written_as_json() -> None:
    item = {
        "big": 2**80,
        "small": -(2**70),
        "text": "lone \ud800 surrogate",
        "list": [1, [None, {"did": 1, "a": True}]],
        7: 8,
    }
    assert orjson.loads(orjson.dumps(without_authors(item))) == {  # type: ignore[arg-type]
        "big": str(2**80),
        "small": str(-(2**70)),
        "text": "lone ? surrogate",
        "list": [1, [None, {"a": True}]],
        "7": 8,
    }


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**63 - 1) | st.text(st.characters(), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "user", "did", "z"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["text", "author", "entities"]), VALUES))
def test_it_is_written_as_json_without_authors_whatever_it_holds(item: dict[str, object]) -> None:
    assert orjson.loads(as_json(item)) == orjson.loads(orjson.dumps(without_authors(item)))
