"""What one run reads of one of Bluesky's streams, gathered into pages. Pure; times are microseconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from collector.atproto import Event
from collector.source import Coverage, JsonObject, Page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Reading:
    """Where a run stands in a stream, and what it has gathered since its last page."""

    host: str
    begun: int  # once it has caught up with this it is done
    since: int  # everything before is known
    position: int  # what to go on from
    is_exact: bool = False  # the position is one of this very stream, whose event we have
    at: int | None = None  # of the last event
    size: int = 0
    resets: int = 0
    items: list[JsonObject] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    gone: dict[str, datetime | None] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Gather an event."""
        if event.post is not None:
            self.items.append(event.post)
        elif event.deleted:
            self.deleted.append(event.deleted)
        elif event.gone:
            # up to then: an account may come back, and post again
            self.gone[event.gone] = time_of(event.at) if event.at is not None else None
        elif event.reset:
            self.resets += 1
        if event.position is not None:
            self.position, self.at = event.position, event.at
        self.size += 1

    def page(self, until: int | None) -> Page:
        """Return what was gathered; up to `until` everything was told."""
        since, self.since = self.since, max(self.since, min(until or self.since, self.begun))
        page = Page(
            self.host,
            self.items,
            self.values(),
            since=time_of(since),
            until=time_of(self.since),
            deleted=self.deleted,
            gone_authors=self.gone,
            reason=f"accounts that were reset: {self.resets}; which of their posts are gone is not told"
            * bool(self.resets),
        )
        self.items, self.deleted, self.gone, self.size, self.resets = [], [], {}, 0, 0
        return page

    def values(self) -> Mapping[str, str]:
        """Return what to remember of where it stands: a server's own position means nothing on another one."""
        known = time_of(self.since).isoformat()
        return {f"{self.host} cursor": str(self.position), f"{self.host} covered": known, "covered": known}

    def gap(self, until: int) -> Page:
        """Return a page that says that what lies before this is not offered any more."""
        since, self.since = self.since, until
        reason = f"{self.host} reaches back to {time_of(until):%Y-%m-%d %H:%M} UTC only"
        return Page(self.host, coverage=Coverage.NOT_COVERED, since=time_of(since), until=time_of(until), reason=reason)


def time_of(moment: int) -> datetime:
    """Return a time of microseconds."""
    return EPOCH + moment * MICROSECOND


def microseconds(time: datetime) -> int:
    """Return the microseconds of a time."""
    return (time - EPOCH) // MICROSECOND


def length(span: timedelta) -> int:
    """Return the microseconds of a span."""
    return span // MICROSECOND
