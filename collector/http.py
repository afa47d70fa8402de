"""The one door to the network: time-outs, a size limit, and errors by what the caller must do. It never sleeps."""

import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from collector.address import host_of, is_loopback, safe_for_token
from collector.clock import now
from collector.errors import AccessError, InputError, RetryLater

TIMEOUT = (5.0, 20.0)  # seconds to connect, and between two bytes of an answer
WHOLE_ANSWER = 120.0  # seconds for the whole answer: a server that drips one byte at a time must not hold us for ever
MAX_BYTES = 20_000_000
MAX_DOWNLOAD = 500_000_000
MAX_REDIRECTS = 5
SHORT_WAIT = timedelta(minutes=1)  # after a fault of the network
LONG_WAIT = timedelta(minutes=5)  # after a 429 that names no time
LONGEST_WAIT = timedelta(days=1)  # whatever a server says
CHUNK = 65_536
SECRETS = ("Authorization", "X-Goog-Api-Key")  # headers that hold a token
SPAN = 10_000_000  # a reset of fewer seconds is a span, as Reddit sends it, and no moment of the epoch
DIRECT: dict[str, Any] = {"http": None, "https": None, "all": None}  # a proxy knows nothing of our own loopback


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent. `body` is empty for a download, whose bytes lie in the file."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Read the body as JSON. Raises RetryLater: a page of HTML with status 200 is a fault that passes."""
        try:
            return _json(self.body)
        except (ValueError, RecursionError) as fault:
            raise RetryLater(
                f"{host_of(self.url)} sent something other than JSON; trying again at the next turn",
                until=self.at + SHORT_WAIT,
            ) from fault


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON without the halves of characters in it, for which the quick reader refuses the whole of it."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if b"\\ud" not in body.lower():
            raise
        whole = json.dumps(json.loads(body), ensure_ascii=False)
        return orjson.loads(whole.encode("utf-8", "ignore"))


class Http:
    """Asks servers for things. One instance a run; `clock` tells the time for waiting, so that a test can set it."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = now,
        timeout: tuple[float, float] = TIMEOUT,
        contact: str | None = None,
    ) -> None:
        self.clock = clock
        self.timeout = timeout
        self.user_agent = user_agent(contact if contact is not None else os.environ.get("BUZZ_CONTACT", ""))
        self.server_date: tuple[str, datetime] | None = None  # what the last server took for the time, and when
        self._session = requests.Session()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Return the answer; one of 400 and above only when its status is among `expect`.

        Raises RetryLater when asked to wait (429, 503 with its time), for other 5xx, for a fault of the network and
        for an answer that is too large; AccessError for every other refusal (401, 403, 404 ...).
        """
        with self._asked(url, params, headers, expect) as (response, answered):
            body = b"".join(self.chunks(response, max_bytes))
            return Answer(answered, response.status_code, response.headers, body, self.clock())

    def post(
        self,
        url: str,
        *,
        json: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
    ) -> Answer:
        """Send a JSON object, or nothing; what is sent may be a secret, so no redirect is followed. Raises as `get`."""
        if not safe_for_token(url):
            raise AccessError(f"{host_of(url)} is asked without https, so our token stays here; use an https address")
        body = orjson.dumps(json) if json is not None else b""
        kind = {"Content-Type": "application/json"} if json is not None else {}
        with self._response(url, None, {"User-Agent": self.user_agent, **kind, **(headers or {})}, body) as response:
            if response.is_redirect:
                raise AccessError(f"{host_of(url)} sends us elsewhere, which is not safe to follow with a token")
            if response.status_code >= requests.codes.bad_request and response.status_code not in expect:
                raise self.refusal(url, response.status_code, response.headers)
            told = b"".join(self.chunks(response, MAX_BYTES))
            return Answer(url, response.status_code, response.headers, told, self.clock())

    def download(
        self,
        url: str,
        path: Path,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_DOWNLOAD,
        seconds: float | None = None,
    ) -> Answer:
        """Stream the answer into a file, which appears whole or not at all. A 304 leaves the file alone.

        seconds: that the whole of it may take; else WHOLE_ANSWER.

        Raises as `get` does, and InputError when the file cannot be written.
        """
        part = path.with_name(path.name + ".part")
        with self._asked(url, None, headers, ()) as (response, answered):
            if response.status_code == requests.codes.ok:
                try:
                    with part.open("wb") as file:
                        file.writelines(self.chunks(response, max_bytes, seconds))
                    part.replace(path)
                except requests.RequestException:  # which is an OSError as well: the network's fault, not the disk's
                    raise
                except OSError as fault:
                    raise InputError(f"{path} cannot be written: {fault.strerror or fault}") from fault
                finally:
                    part.unlink(missing_ok=True)
            return Answer(answered, response.status_code, response.headers, b"", self.clock())

    @contextmanager
    def _asked(
        self,
        url: str,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
        expect: Collection[int],
    ) -> Iterator[tuple[requests.Response, str]]:
        """Ask, follow redirects that are safe, and yield the answer with the address that gave it."""
        sent = CaseInsensitiveDict({"User-Agent": self.user_agent, **(headers or {})})
        if any(name in sent for name in SECRETS) and not safe_for_token(url):
            raise AccessError(f"{host_of(url)} is asked without https, so our token stays here; use an https address")
        for _ in range(MAX_REDIRECTS + 1):
            with self._response(url, params, sent) as response:
                if not response.is_redirect:
                    if date := response.headers.get("Date"):
                        self.server_date = (date, self.clock())
                    status = response.status_code
                    if status >= requests.codes.bad_request and status not in expect:
                        raise self.refusal(url, status, response.headers)
                    yield response, url
                    return
                target = urljoin(url, response.headers["Location"])
            check_redirect(url, target)
            if _origin(target) != _origin(url):
                for name in SECRETS:
                    sent.pop(name, None)
            url, params = target, None
        raise RetryLater(f"{host_of(url)} sends us in circles", until=self.clock() + SHORT_WAIT)

    @contextmanager
    def _response(
        self,
        url: str,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Iterator[requests.Response]:
        """Ask by GET, or by POST with a body."""
        try:
            with self._session.request(
                "GET" if body is None else "POST",
                url,
                params=params,
                data=body,
                headers=dict(headers),
                timeout=self.timeout,
                stream=True,
                allow_redirects=False,
                proxies=DIRECT if is_loopback(url) else None,
            ) as response:
                yield response
        except requests.RequestException as fault:
            raise self.unreachable(url, fault) from fault

    def unreachable(self, url: str, fault: Exception) -> RetryLater:
        """Say in one sentence what kind of network fault it was."""
        match fault:
            case requests.exceptions.Timeout():
                what = "did not answer in time"
            case requests.exceptions.SSLError():
                what = "showed a certificate that is not valid"
            case requests.exceptions.ConnectionError():
                what = "cannot be reached"
            case _:
                what = f"gave a broken answer ({type(fault).__name__})"
        return RetryLater(f"{host_of(url)} {what}; trying again at the next turn", until=self.clock() + SHORT_WAIT)

    def refusal(self, url: str, status: int, headers: Mapping[str, str]) -> RetryLater | AccessError:
        """Return the error that says what to do about an answer of 400 and above."""
        host = host_of(url)
        if status == requests.codes.too_many_requests:
            until = retry_at(headers, self.clock(), LONG_WAIT)
            return RetryLater(f"{host} asks us to wait until {until:%Y-%m-%d %H:%M:%S} UTC", until=until)
        if status >= requests.codes.server_error or status == requests.codes.request_timeout:
            until = retry_at(headers, self.clock(), SHORT_WAIT)
            return RetryLater(f"{host} has a fault of its own (status {status}); trying again later", until=until)
        if status in {requests.codes.unauthorized, requests.codes.forbidden}:
            return AccessError(
                f"{host} refuses us (status {status}): a key is missing, wrong, or not allowed to do this"
            )
        return AccessError(f"{host} does not know what we asked for (status {status}): {urlsplit(url).path}")

    def chunks(self, response: requests.Response, max_bytes: int, seconds: float | None = None) -> Iterator[bytes]:
        """Yield the body, uncompressed. Raises RetryLater past the size or the time that an answer may have."""
        size = 0
        started = time.monotonic()
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise RetryLater(
                    f"{host_of(response.url)} sent more than {max_bytes:,} bytes, which is not what we asked for",
                    until=self.clock() + LONG_WAIT,
                )
            if time.monotonic() - started > (WHOLE_ANSWER if seconds is None else seconds):
                raise RetryLater(
                    f"{host_of(response.url)} answers too slowly; trying again at the next turn",
                    until=self.clock() + SHORT_WAIT,
                )
            yield chunk


class ApiAdapter(HTTPAdapter):
    """Our door for an SDK that brings its own session: mount it there for "https://" and "http://".

    It sends every request to `api` whatever host the SDK has in mind, adds the token (which the SDK never sees), the
    time-out that SDKs forget and our User-Agent, and lets no redirect, no endless and no broken answer through.
    `hosts` are those that may see the token, by https; this machine may as well.
    """

    def __init__(self, http: Http, api: str, *, token: str, hosts: Collection[str]) -> None:
        super().__init__()
        if not (is_loopback(api) or (safe_for_token(api) and urlsplit(api).hostname in hosts)):
            raise AccessError(f"the token goes to https://{next(iter(hosts))} only, not to {host_of(api)}; mend api")
        self._http = http
        self._api = api
        self._token = token

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send a request of the SDK. Raises RetryLater for an answer that is not a JSON object, and as `get` does."""
        parts = urlsplit(request.url or "")
        request.url = f"{self._api}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        request.headers["Authorization"] = f"Bearer {self._token}"
        request.headers["User-Agent"] = self._http.user_agent
        proxies = {} if is_loopback(self._api) else options.get("proxies")
        response = super().send(
            request, stream=True, timeout=self._http.timeout, verify=options.get("verify", True), proxies=proxies
        )
        with response:
            if response.is_redirect:
                raise AccessError(f"{host_of(self._api)} sends us elsewhere, which is not safe to follow with a token")
            body = b"".join(self._http.chunks(response, MAX_BYTES))
        self._replace_body(response, body)
        return response

    def _replace_body(self, response: requests.Response, body: bytes) -> None:
        """Hand over the body. SDKs take any JSON for an object: where it is not one, say so or send an empty one."""
        answer = Answer(self._api, response.status_code, response.headers, body, self._http.clock())
        status = response.status_code
        if status < requests.codes.bad_request and not isinstance(answer.json(), dict):
            raise RetryLater(
                f"{host_of(self._api)} sent something other than we asked for", until=answer.at + SHORT_WAIT
            )
        try:
            is_object = isinstance(answer.json(), dict)
        except RetryLater:
            is_object = False
        response._content = body if is_object else b"{}"  # noqa: SLF001 - requests offers no other way
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 - as above


def retry_at(headers: Mapping[str, str], at: datetime, default: timedelta) -> datetime:
    """Return when to come back: Retry-After (seconds or a date), else (X-)RateLimit-Reset, else default.

    RateLimit-Reset is a moment (seconds of the epoch, ISO) or a span of seconds.

    Never in the past and never more than a day away, whatever the server says.
    """
    reset = headers.get("X-RateLimit-Reset", "") or headers.get("RateLimit-Reset", "")  # Bluesky's is without the X
    found = _retry_after(headers.get("Retry-After", ""), at) or _reset(reset, at)
    return min(max(found or at + default, at + timedelta(seconds=1)), at + LONGEST_WAIT)


def _retry_after(value: str, at: datetime) -> datetime | None:
    if value.strip().isdecimal():
        return at + timedelta(seconds=min(int(value.strip()[:10]), LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _reset(value: str, at: datetime) -> datetime | None:
    try:
        if value.strip().isdecimal():
            seconds = int(value)
            return at + timedelta(seconds=seconds) if seconds < SPAN else datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def user_agent(contact: str = "") -> str:
    """Return how we introduce ourselves: name, version and, where the user gives one, a contact."""
    try:
        number = version("buzzchart")
    except PackageNotFoundError:  # run from the source tree without being installed
        number = "source"
    return f"buzzchart/{number}" + (f" (+{contact.strip()})" if contact.strip() else "")


def check_redirect(origin: str, target: str) -> None:
    """Let redirects lead to https, or stay where they were; one into our own machine from outside is an attack.

    Raises AccessError.
    """
    inward = is_loopback(target) and not is_loopback(origin)
    same = _origin(origin) == _origin(target)
    both_here = is_loopback(origin) and is_loopback(target) and urlsplit(target).scheme in {"http", "https"}
    if inward or not (urlsplit(target).scheme == "https" or same or both_here):
        raise AccessError(f"{host_of(origin)} sends us on to {host_of(target)}, which is not safe to follow")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
