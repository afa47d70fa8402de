"""Being logged in to a Bluesky server with an app password. The session is kept in a file of ours, for logins are few.

A server allows 300 logins a day, so the tokens outlive a run: in the user's own settings folder beside the key of the
author hashes, readable by the user alone, and never in the database. Tokens and password go to that server only, and
are in no sentence.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
from platformdirs import user_config_path

from collector.added import mark
from collector.address import host_of
from collector.errors import AccessError, ConfigError, RetryLater, SkipItem
from collector.reading import Fields

if TYPE_CHECKING:
    from collector.http import Answer, Http

WRONG, UNKNOWN = 400, 401
REFUSED = frozenset({WRONG, UNKNOWN})  # 400 is what servers say of a token that is too old
OVER = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
SHORT_WAIT = timedelta(minutes=1)
SERVER = "/xrpc/com.atproto.server"


class Tokens(NamedTuple):
    """What a login brings: a token for a few hours, and one for months that brings the next pair."""

    access: str
    refresh: str

    def __repr__(self) -> str:
        """Hide them."""
        return "Tokens(…)"


class Session:
    """Asks as somebody who is logged in; logs in when needed, once a run at most."""

    def __init__(self, http: "Http", address: str, handle: str, password: str, folder: Path | None = None) -> None:
        self._http = http
        self._address = address
        self._login = {"identifier": handle, "password": password}
        name = f"bluesky-{mark(f'{address} {handle}')}.session"
        self._path = (folder or user_config_path("buzzchart")) / name
        self._tokens: Tokens | None = None

    def get(self, method: str, params: Mapping[str, str | int]) -> "Answer":
        """Ask for something. Raises AccessError where the login or the question is refused, RetryLater as Http does."""
        tokens = self._tokens or self._kept() or self._log_in()
        answer = self._asked(tokens, method, params)
        if _is_over(answer):
            tokens = self._renewed(tokens) or self._log_in()
            answer = self._asked(tokens, method, params)
        self._tokens = tokens
        if answer.status in REFUSED:
            raise self._http.refusal(f"{self._address}/xrpc/{method}", answer.status, answer.headers)
        return answer

    def _asked(self, tokens: Tokens, method: str, params: Mapping[str, str | int]) -> "Answer":
        return self._http.get(
            f"{self._address}/xrpc/{method}",
            params=params,
            headers={"Authorization": f"Bearer {tokens.access}"},
            expect=REFUSED,
        )

    def _log_in(self) -> Tokens:
        answer = self._http.post(f"{self._address}{SERVER}.createSession", json=self._login, expect=REFUSED)
        if answer.status in REFUSED:
            raise AccessError(
                f"{host_of(self._address)} refuses the handle or the app password of [sources.bluesky_search] "
                f"(status {answer.status}): make an app password in Bluesky's settings and export that"
            )
        return self._remembered(answer)

    def _renewed(self, tokens: Tokens) -> Tokens | None:
        """Return the next pair, None where this one is too old for that."""
        answer = self._http.post(
            f"{self._address}{SERVER}.refreshSession",
            headers={"Authorization": f"Bearer {tokens.refresh}"},
            expect=REFUSED,
        )
        return None if answer.status in REFUSED else self._remembered(answer)

    def _remembered(self, answer: "Answer") -> Tokens:
        """Read the tokens of an answer and keep them. Raises ConfigError where they cannot be kept."""
        tokens = _read(answer.json())
        if tokens is None:
            raise RetryLater(
                f"{host_of(self._address)} sent something other than a session; trying again at the next turn",
                until=answer.at + SHORT_WAIT,
            )
        kept = {"accessJwt": tokens.access, "refreshJwt": tokens.refresh}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(orjson.dumps(kept))
            fresh.replace(self._path)
        except OSError as fault:
            raise ConfigError(f"the session with Bluesky cannot be kept at {self._path}: {fault.strerror}") from fault
        return tokens

    def _kept(self) -> Tokens | None:
        """Return the tokens of an earlier run; what cannot be read is as none."""
        try:
            return _read(orjson.loads(self._path.read_bytes()))
        except (OSError, orjson.JSONDecodeError):
            return None


def _read(told: object) -> Tokens | None:
    try:
        pair = Fields(told, "session")
        return Tokens(pair.text("accessJwt"), pair.text("refreshJwt"))
    except SkipItem:
        return None


def _is_over(answer: "Answer") -> bool:
    """Tell whether a refusal is about the token, and not about the question."""
    if answer.status == UNKNOWN:
        return True
    if answer.status != WRONG:
        return False
    try:
        return Fields(answer.json()).maybe_text("error") in OVER
    except (SkipItem, RetryLater):
        return False
