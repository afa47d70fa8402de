"""X's own count of a title's posts, before it is watched: paid, so the meter shows it, and nothing else is kept.

Whoever runs this holds the collector's lock: two that write one meter would lose count.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from collector.collect import watch_of
from collector.config import TitleSettings
from collector.errors import AccessError
from collector.source import Coverage, Cursor
from collector.sources import SOURCES
from collector.x_meter import PREFIX, Meter, micros
from collector.x_plan import Search

if TYPE_CHECKING:
    from collector.http import Http
    from collector.sources.x import XSettings
    from collector.store import Store

V = TypeVar("V")
KEPT = {PREFIX, "stop"}  # of what source "x" remembers: the meter, and until when the usage cap stops it


def count(store: "Store", settings: "XSettings", title: TitleSettings, http: "Http") -> Mapping[datetime, int]:
    """Ask X for the posts of each hour of the last 7 days; what it costs is reserved before and settled after.

    Raises AccessError where the budget has no room, and whatever X answers as an error.
    """
    cursor = Cursor(_kept(store.cursor("x").values))
    watch, at = watch_of([title]), http.clock()
    price = len(Search(watch.titles).queries) * micros(settings.price_count_usd)
    meter = Meter.open(cursor, settings.budget_usd_per_month, at)
    if not watch.hashtags:
        raise AccessError("X counts hashtags, and the title has none")
    if price > meter.left:
        raise AccessError("the budget of X for this month has no room for a count; raise budget_usd_per_month")
    for number, page in enumerate(SOURCES["x"](settings, http).fetch(watch, cursor)):
        store.remember("x", _kept(page.cursor))
        if page.counts:
            # what is reserved by now is for reading posts, which nobody will
            store.remember("x", {f"{PREFIX} {meter.month} reserved": None})
            return {told.start: told.amount for told in page.counts}
        if page.coverage is Coverage.FAILED:
            continue  # the source raises next
        if page.reason or number > 0:  # the first page reserves, the second brings the counts; others would read posts
            raise AccessError(page.reason or "X was not asked for counts")
    raise AccessError("X was not asked for counts")


def _kept(values: Mapping[str, V]) -> dict[str, V]:
    return {key: value for key, value in values.items() if key.partition(" ")[0] in KEPT}
