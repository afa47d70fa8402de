"""One collector at a time, on both databases; the lock ends with its holder."""

import threading
from contextlib import closing

import pytest

from collector.errors import BusyError
from collector.lock import only_collector, terms
from collector.store import Store


def test_the_lock_is_had_by_one_and_free_afterwards(store: Store) -> None:
    with Store.open(store.url) as other:
        with only_collector(store), pytest.raises(BusyError, match="another collector"), only_collector(other):
            pass
        with only_collector(other):
            pass


def test_what_is_written_under_the_lock_is_stored(store: Store) -> None:
    with only_collector(store) as held:
        held.remember("mastodon", {"key": "value"})
    assert store.cursor("mastodon").get("key") == "value"


def test_terms_go_on_until_the_collector_is_stopped_and_hold_the_lock(store: Store) -> None:
    stop = threading.Event()
    with Store.open(store.url) as other, closing(terms(store, stop, print)) as turns:
        for term in turns:
            term.store.title_ids(["Paper Lanterns"])
            with pytest.raises(BusyError), only_collector(other):
                pass
            stop.set()
            assert term.over.wait(20)
    assert store.title_ids(["Paper Lanterns"]) == {"Paper Lanterns": 1}
