"""X through its API v2 (tweepy), inside a budget: its own hourly counts first, then a sample of the posts.

A post read and a request for counts cost $0.005 each: off until enabled, and without a token nothing is asked. Reposts
are left out: a post is counted once, how often it was reposted stands in its counts. How the money is shared out is in
collector/x_plan.py, how it is counted in collector/x_meter.py, and a run goes by collector/x_run.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field

from collector import x_post
from collector.address import base_like
from collector.clock import from_seconds
from collector.config import secret
from collector.duration import Duration, Keep
from collector.errors import AccessError, ConfigError, RetryLater, SkipItem
from collector.reading import parse_time
from collector.source import Cursor, Followed, Kind, Page, RecheckSettings, SourceSettings, Terms, Watch
from collector.x_meter import Meter, next_month
from collector.x_plan import Volume, counted
from collector.x_recheck import Found, Recheck
from collector.x_run import LAG, REACH, TARGET, Answer, CappedError, Run, TooOldError

if TYPE_CHECKING:
    import tweepy

    from collector.http import Http

API = "https://api.x.com"
SPARE_PAGES = 5  # for empty pages that name a next one
RATE_WINDOW = timedelta(minutes=15)
LONGEST_CAP = timedelta(days=32)
HOSTS = ("api.x.com", "api.twitter.com")  # who may see the token; tweepy asks the second, which is the first
FIELDS = [
    "author_id", "created_at", "edit_history_tweet_ids", "entities", "lang", "note_tweet", "public_metrics",
    "referenced_tweets",
]  # fmt: skip
ACCESS_LEVEL = 453  # X's own code, within a 403
REFUSALS = {
    400: "X does not understand the question",
    401: "X does not know the token: check BUZZ_X_BEARER_TOKEN",
    402: "X: the account has no credit left: add some at console.x.com",
    403: "X does not allow this token to search: the app needs pay-per-use or a higher access level",
}


class XSettings(RecheckSettings):
    """`[sources.x]`: where the token is ("env:NAME"), the address, the budget and X's prices, how often to count.

    `recheck_share` is the part of what is spent on posts that goes into asking whether stored ones are still there.
    """

    enabled: bool = False  # a token alone must not begin to cost money
    every: Duration = timedelta(hours=1)
    token: str = Field(default="env:BUZZ_X_BEARER_TOKEN", repr=False)
    api: Annotated[str, AfterValidator(base_like(API))] = API
    budget_usd_per_month: Annotated[float, Field(ge=0, le=1_000_000)] = 10.0
    counts_every: Duration = timedelta(hours=6)
    price_post_usd: Annotated[float, Field(ge=0.000001, le=100)] = 0.005
    price_count_usd: Annotated[float, Field(ge=0.000001, le=100)] = 0.005
    keep_text: Keep = timedelta(days=7)
    recheck_for: Duration = timedelta(days=7)
    recheck_share: Annotated[float, Field(ge=0, le=0.9)] = 0.2


class X:
    """Counts and recent search. Off until enabled; while its token is missing, its hours are not covered."""

    name: ClassVar[str] = "x"
    platform: ClassVar[str] = "x"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = REACH + timedelta(days=1)
    terms: ClassVar[Terms] = Terms(
        kept="text for `keep_text`, 7 days unless you set it, raw answer 7 days; ids, links, counts, labels and hourly "
        "volume as long as you want",
        shown="in the app, with the link",
        exported="ids and labels; texts with `--text all` only, of 500 posts at most, by hand",
        derived="language, sentiment, topics, totals",
        deleted="found by asking again while the text is kept; then the text is gone by itself",
        text_leaves=False,
        most_texts=500,
    )
    Settings: ClassVar[type[SourceSettings]] = XSettings
    parse = staticmethod(x_post.parse)
    glance = staticmethod(x_post.glance)

    def __init__(self, settings: XSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield each title's hourly counts where they are due, then posts, window by window, inside the budget.

        What a request may cost is in the cursor of the page before it. Raises RetryLater for a rate limit, AccessError
        for a wrong key, no credit or the usage cap; after the cap nothing is asked until it is over.
        """
        try:
            client = self._client()
        except ConfigError as fault:
            yield Page.not_covered(TARGET, reason=str(fault))
            return
        if why := self._stopped(cursor):
            yield Page.not_covered(TARGET, reason=why)
            return
        meter = Meter.open(cursor, self._settings.budget_usd_per_month, self._http.clock())
        api = _Api(self._http, client, meter.release)
        yield from Run(self._settings, self._http.clock, api, meter, cursor).pages(watch.titles)

    def recheck(self, batches: Iterator[Sequence[Followed]], cursor: Cursor) -> Iterator[Page]:
        """Yield what became of stored posts, inside the part of the budget that is set aside. Raises as `fetch`.

        Without a token, and after the usage cap, nothing is asked: `fetch` says why.
        """
        try:
            client = self._client()
        except ConfigError:
            return
        if self._stopped(cursor):
            return
        meter = Meter.open(cursor, self._settings.budget_usd_per_month, self._http.clock())
        api = _Api(self._http, client, meter.release)
        yield from Recheck(self._settings, self._http.clock, api, meter).pages(batches)

    def _stopped(self, cursor: Cursor) -> str:
        """Return why nothing is asked since the usage cap; nothing once it is over, or the budget was changed."""
        until, why, budget = (cursor.get("stop", key) or "" for key in ("until", "why", "budget"))
        is_over = not until or self._http.clock() >= parse_time(until)
        return "" if is_over or budget != str(self._settings.budget_usd_per_month) else why

    def _client(self) -> "tweepy.Client":
        """Return a client whose every request goes through our adapter. Raises ConfigError, never naming the token."""
        if not self._settings.token.startswith("env:"):
            raise ConfigError('[sources.x] token names an environment variable: token = "env:BUZZ_X_BEARER_TOKEN"')
        token = secret(self._settings.token, "[sources.x] token")
        import tweepy  # noqa: PLC0415 - slow to import, and most people have no token

        from collector.http import ApiAdapter  # noqa: PLC0415 - as above

        # tweepy writes its headers to the debug log, so it never sees the token: the adapter adds it
        client = tweepy.Client(return_type=dict, wait_on_rate_limit=False)
        adapter = ApiAdapter(self._http, self._settings.api, token=token, hosts=HOSTS)
        client.session.mount("https://", adapter)
        client.session.mount("http://", adapter)
        return client


class _Api:
    """What we ask of X, through tweepy. `on_refusal` is called when X refuses a request, which is free then."""

    def __init__(self, http: "Http", client: "tweepy.Client", on_refusal: Callable[[], None]) -> None:
        self._http = http
        self._client = client
        self._on_refusal = on_refusal

    def count(self, query: str, since: datetime, until: datetime) -> Volume:
        """Ask for the posts of each hour."""
        with self._sentences():
            answer = self._client.get_recent_tweets_count(query, start_time=since, end_time=until, granularity="hour")
            return counted(answer)

    def search(self, query: str, size: int, pages: int, place: Mapping[str, object]) -> Iterator[Answer]:
        """Yield answers page by page, newest post first. An empty page that names a next one is not the end."""
        import tweepy  # noqa: PLC0415 - see X._client

        asked = tweepy.Paginator(
            self._client.search_recent_tweets,
            query,
            limit=pages + SPARE_PAGES,
            max_results=size,
            tweet_fields=FIELDS,
            **place,
        )
        with self._sentences():
            for answer in asked:
                yield Answer.read(answer)

    def look_up(self, ids: Sequence[str]) -> Found:
        """Ask for posts by id; those that X does not show any more are told apart."""
        with self._sentences():
            return Found.read(self._client.get_tweets(list(ids), tweet_fields=FIELDS))

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn tweepy's and the network's errors into ours."""
        import requests  # noqa: PLC0415 - see X._client
        import tweepy  # noqa: PLC0415

        now = self._http.clock()
        try:
            yield
        except tweepy.HTTPException as fault:
            self._on_refusal()
            raise _refused(fault, now) from fault
        except requests.RequestException as fault:
            raise self._http.unreachable(API, fault) from fault
        except (SkipItem, ValueError, TypeError, AttributeError) as fault:
            # what tweepy trips over when an answer is not shaped as X's are, such as a reset time that is no number
            raise RetryLater("X gave a broken answer; trying again", until=now + LAG) from fault


def _refused(fault: "tweepy.HTTPException", now: datetime) -> AccessError | RetryLater:
    """Return the error that says what to do about a refusal."""
    status, said = fault.response.status_code, fault.response.text
    reset = _reset(getattr(fault, "reset_time", None), now)
    if status == HTTPStatus.TOO_MANY_REQUESTS and ("usage-capped" in said or "UsageCapExceeded" in said):
        until = reset if reset and now + timedelta(hours=1) < reset < now + LONGEST_CAP else next_month(now)
        return CappedError(
            f"X: the cap on posts of this project is used up, so nothing is asked before {until:%Y-%m-%d}; to go on "
            "earlier, raise it at console.x.com and change budget_usd_per_month",
            until,
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        until = min(max(reset, now + LAG), now + timedelta(days=1)) if reset else now + RATE_WINDOW
        return RetryLater(f"X asks us to wait until {until:%Y-%m-%d %H:%M:%S} UTC", until=until)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RetryLater(f"X has a fault of its own ({fault}); trying again", until=now + LAG)
    messages = " ".join(str(message) for message in fault.api_messages)[:200]
    if status == HTTPStatus.BAD_REQUEST and ("since_id" in messages or "start_time" in messages):
        return TooOldError("X no longer offers posts as old as we asked for; going on with newer ones", until=now + LAG)
    if ACCESS_LEVEL in fault.api_codes:
        return AccessError(
            f"X: this access level has no search and no counts; choose pay-per-use at console.x.com ({messages})"
        )
    return AccessError(REFUSALS.get(status, f"X refuses with status {status}") + (f" ({messages})" if messages else ""))


def _reset(seconds: int | None, now: datetime) -> datetime | None:
    """Return the time that a 429 names, None for none and for one that no calendar has."""
    try:
        return from_seconds(seconds) if seconds else None
    except (ValueError, OverflowError, OSError):
        return now + timedelta(days=1)
