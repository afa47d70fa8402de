"""The door to streams: opens a websocket, hands over its frames, turns its faults into ours. It never sleeps."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from collector.address import host_of, is_loopback
from collector.errors import RetryLater
from collector.http import SHORT_WAIT, Http

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

LARGEST_FRAME = 16_000_000  # bytes, uncompressed; a larger one ends the stream
FRAMES_AHEAD = 1024  # how many may wait for us
GOODBYE = 1.0  # seconds for closing politely

log = logging.getLogger("collector.websocket.frames")  # what the library says of each frame holds people's words
log.addHandler(logging.NullHandler())
log.propagate = False


class Silent(Exception):  # noqa: N818 - an answer to a question, not a fault
    """Nothing came for as long as we wanted to wait."""


class Stream:
    """An open websocket."""

    def __init__(
        self, http: Http, url: str, connection: "ClientConnection", broken: tuple[type[Exception], ...]
    ) -> None:
        self._http = http
        self._url = url
        self._connection = connection
        self._broken = broken

    def frame(self, patience: float) -> bytes:
        """Return the next frame. Raises Silent after so many seconds without one, RetryLater when the stream broke."""
        try:
            frame: bytes = self._connection.recv(timeout=patience, decode=False)
        except TimeoutError as fault:
            raise Silent from fault
        except self._broken as fault:
            raise self.later("broke off the stream") from fault
        return frame

    def later(self, what: str, wait: timedelta = SHORT_WAIT) -> RetryLater:
        """Say that the other side did something that ends this turn."""
        return RetryLater(f"{host_of(self._url)} {what}; going on at the next turn", until=self._http.clock() + wait)


@contextmanager
def opened(http: Http, url: str, query: Mapping[str, str | int], subprotocol: str | None) -> Iterator[Stream]:
    """Open a stream. Raises RetryLater and AccessError as Http does."""
    from websockets.exceptions import InvalidStatus, WebSocketException  # noqa: PLC0415 - most runs open no stream
    from websockets.sync.client import connect  # noqa: PLC0415 - as above
    from websockets.typing import Subprotocol  # noqa: PLC0415 - as above

    try:
        connection = connect(
            f"{url}?{urlencode(query)}",
            open_timeout=sum(http.timeout),
            close_timeout=GOODBYE,
            max_size=LARGEST_FRAME,
            max_queue=FRAMES_AHEAD,
            ping_interval=None,  # an answer may wait behind many events, or not come at all; `frame` tells of silence
            user_agent_header=http.user_agent,
            subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
            proxy=None if is_loopback(url) else True,
            logger=log,
        )
    except InvalidStatus as fault:
        status, headers = fault.response.status_code, dict(fault.response.headers.raw_items())
        if status >= 400:  # noqa: PLR2004 - where refusals begin
            raise http.refusal(url, status, headers) from fault
        raise _no_stream(http, url, "sent something other than a stream") from fault
    except TimeoutError as fault:
        raise _no_stream(http, url, "did not answer in time") from fault
    except OSError as fault:
        raise _no_stream(http, url, "cannot be reached") from fault
    except (WebSocketException, EOFError) as fault:
        raise _no_stream(http, url, "sent something other than a stream") from fault
    with connection:
        yield Stream(http, url, connection, (WebSocketException, EOFError, OSError))


def _no_stream(http: Http, url: str, what: str) -> RetryLater:
    return RetryLater(f"{host_of(url)} {what}; trying again at the next turn", until=http.clock() + SHORT_WAIT)
