"""Asks Mastodon servers again for posts that they showed, by id, to find those that were deleted or edited.

Twenty at once where a server can (4.3 and later); a post that is not among the answers is asked for by itself, and only
a clear "not found" of that very post takes it away. A server that knows none of many is believed to have lost its
memory, not its posts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from collector.errors import AccessError, RetryLater, SkipItem
from collector.mastodon_feed import address, host
from collector.reading import Fields
from collector.source import Coverage, Followed, JsonObject, Page

if TYPE_CHECKING:
    from collector.http import Answer, Http

OK, CLOSED = 200, frozenset({401, 403, 422})
UNKNOWN = frozenset({404, 410})
MOST = 100  # batches in one run: 2,000 posts
MANY = 5  # posts of one server, none of which it knows any more: that many are not believed to be deleted at once


class Recheck:
    """One run over all servers. One that fails is left alone for the rest of it, and the others are asked."""

    def __init__(self, http: "Http", servers: Collection[str]) -> None:
        self._http = http
        self._servers = set(servers)
        self._faults: list[RetryLater] = []

    def pages(self, batches: Iterator[Sequence[Followed]]) -> Iterator[Page]:
        """Yield what became of the posts. Raises RetryLater where no server could be asked."""
        for batch in islice(batches, MOST):
            for server, posts in _by_server(batch).items():
                if server in self._servers:
                    yield self._page(server, posts)
            if not self._servers:
                break  # before the next batch is taken, so that this one is asked for again
        if self._faults and not self._servers:
            raise min(self._faults, key=lambda fault: fault.until)

    def _page(self, server: str, posts: Sequence[Followed]) -> Page:
        target = f"{host(server)} re-check"
        try:
            return self._asked(server, target, posts)
        except AccessError as refusal:
            fault, coverage = str(refusal), Coverage.NOT_COVERED
        except RetryLater as asked:
            self._faults.append(asked)
            fault, coverage = str(asked), Coverage.FAILED
        self._servers.discard(server)
        return Page(target, coverage=coverage, reason=fault)

    def _asked(self, server: str, target: str, posts: Sequence[Followed]) -> Page:
        """Ask one server for its posts. Raises AccessError where visitors are not let in, RetryLater."""
        found = self._at_once(server, [post.local_id for post in posts])
        gone: list[str] = []
        for post in posts:
            if post.local_id not in found:
                alone = self._alone(server, post.local_id)
                if alone is None:
                    gone.append(post.native_id)
                else:
                    found[post.local_id] = alone
        if len(gone) >= MANY and not found:
            reason = (
                f"{host(server)} knows none of {len(gone)} posts any more, which is not believed: none is deleted here"
            )
            return Page(target, coverage=Coverage.FAILED, reason=reason)
        return Page(target, items=list(found.values()), deleted=gone, server=server)

    def _at_once(self, server: str, ids: Sequence[str]) -> dict[str, JsonObject]:
        query = urlencode([("id[]", local_id) for local_id in ids])
        answer = self._http.get(f"{address(server)}/api/v1/statuses?{query}", expect=CLOSED | UNKNOWN)
        if answer.status != OK:
            _let_in(server, answer)
            return {}
        told = answer.json()
        if not isinstance(told, list):
            raise _broken(server, answer)
        return {local_id: item for item in told if (local_id := _id(item)) and local_id in ids}

    def _alone(self, server: str, local_id: str) -> JsonObject | None:
        """Return one post, None where it is gone."""
        url = f"{address(server)}/api/v1/statuses/{quote(local_id, safe='')}"
        answer = self._http.get(url, expect=CLOSED | UNKNOWN)
        _let_in(server, answer)
        if answer.status in UNKNOWN:
            if not isinstance(answer.json(), Mapping):  # Mastodon says it in JSON, a web server before it does not
                raise _broken(server, answer)
            return None
        found = answer.json()
        if _id(found) != local_id:
            raise _broken(server, answer)
        return dict(found)


def _by_server(posts: Sequence[Followed]) -> dict[str, list[Followed]]:
    """Return the posts that some server is known to have shown."""
    found: defaultdict[str, list[Followed]] = defaultdict(list)
    for post in posts:
        if post.server and post.local_id:
            found[post.server].append(post)
    return found


def _let_in(server: str, answer: "Answer") -> None:
    if answer.status in CLOSED:
        raise AccessError(f"{host(server)} does not show single posts to visitors, so none is asked for again there")


def _broken(server: str, answer: "Answer") -> RetryLater:
    until = answer.at + timedelta(minutes=1)
    return RetryLater(f"{host(server)} sent something other than posts; trying again", until=until)


def _id(item: object) -> str | None:
    try:
        return Fields(item).maybe_text("id")
    except SkipItem:
        return None
