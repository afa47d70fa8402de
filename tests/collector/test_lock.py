"""One collector at a time, on both databases; the lock ends with its holder."""

import pytest

from collector.errors import BusyError
from collector.lock import only_collector
from collector.store import Store


def test_the_lock_is_had_by_one_and_free_afterwards(store: Store) -> None:
    with Store.open(store.url) as other:
        with only_collector(store), pytest.raises(BusyError, match="another collector"), only_collector(other):
            pass
        with only_collector(other):
            pass
