"""What YouTube means when it refuses: a quota that is used up, a limit, a video, or a key. Pure."""

import re
from collections.abc import Set as AbstractSet
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from collector.errors import AccessError, BuzzError, RetryLater, SkipItem
from collector.reading import Fields
from collector.youtube_quota import next_day
from collector.youtube_run import LeftOutError, UsedUpError

if TYPE_CHECKING:
    from collector.http import Answer

WAIT = timedelta(minutes=5)  # after a limit that names no time
CREDENTIALS = "console.cloud.google.com, APIs & Services, Credentials"
REFUSED = frozenset({400, 401, 403, 404, 429})
USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
LEFT_OUT = {"commentsDisabled": "whose comments are switched off", "videoNotFound": "that are gone or private"}
UNKNOWN = f"YouTube does not know the key in {{variable}}: copy it from {CREDENTIALS}"
DISABLED = (
    "YouTube: the project of the key in {variable} may not use it: enable YouTube Data API v3 at "
    "console.cloud.google.com, APIs & Services, Library"
)
ELSEWHERE = (
    f"YouTube: the key in {{variable}} is restricted to other machines or services: change that at {CREDENTIALS}"
)
KEYS = {  # by the names that Google gives
    "keyInvalid": UNKNOWN,
    "keyExpired": UNKNOWN,
    "API_KEY_INVALID": UNKNOWN,
    "accessNotConfigured": DISABLED,
    "SERVICE_DISABLED": DISABLED,
    "ipRefererBlocked": ELSEWHERE,
    "API_KEY_IP_ADDRESS_BLOCKED": ELSEWHERE,
    "API_KEY_HTTP_REFERRER_BLOCKED": ELSEWHERE,
    "API_KEY_SERVICE_BLOCKED": ELSEWHERE,
}
NAME = re.compile(r"[A-Za-z_]{1,40}")


def refusal(answer: "Answer", variable: str) -> BuzzError | None:
    """Return the error that says what to do about a refusal; None for a limit that only the headers tell of.

    variable: the environment variable that holds the key.
    """
    names, said = _reasons(answer)
    is_limit = answer.status == HTTPStatus.TOO_MANY_REQUESTS
    if names & USED_UP or ("per day" in said and (is_limit or names & TOO_FAST)):
        return UsedUpError("YouTube says that the quota of the day is used up", until=next_day(answer.at))
    if is_limit:
        return None
    if names & TOO_FAST:
        return RetryLater("YouTube asks us to go slower; trying again", until=answer.at + WAIT)
    if left_out := _first(LEFT_OUT, names):
        return LeftOutError(left_out)
    is_unknown = answer.status == HTTPStatus.UNAUTHORIZED or "api key" in said
    why = _first(KEYS, names) or (UNKNOWN if is_unknown else "YouTube refuses with status {status} ({names})")
    told = ", ".join(sorted(names)) or "no reason"
    return AccessError(why.format(variable=variable, status=answer.status, names=told))


def _first(words: dict[str, str], names: AbstractSet[str]) -> str:
    return next((why for name, why in words.items() if name in names), "")


def _reasons(answer: "Answer") -> tuple[AbstractSet[str], str]:
    """Return the names that a refusal gives, and what it says in words, in small letters."""
    try:
        error = Fields(answer.json()).fields("error")
        told = [*error.list("errors"), *error.list("details")]
        names = {name for part in told if (name := part.maybe_text("reason")) and NAME.fullmatch(name)}
        return names, (error.maybe_text("message") or "").casefold()
    except (RetryLater, SkipItem):
        return set(), ""
