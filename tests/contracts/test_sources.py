"""What every platform keeps, over the registry: a new one is a file, a fixture and a line.

The fixture of a platform, tests/fixtures/sources/<name>.py, has `settings(url)`, which point the source at a server on
the loopback, and `Server`, which plays the platform there: `arrive` lets posts come in, `answer` answers a request.
ENVIRONMENT, where there is one, holds the variables that the source needs, and COVERAGE says how well the platform can
be known at best, where that is not whole.
"""

import importlib.util
import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Asked, Reply, serving
from sqlalchemy import text

from collector.author import AuthorKeys
from collector.collect import Saver, collect, watch_of
from collector.config import TitleSettings
from collector.errors import AccessError, RetryLater, SkipItem
from collector.http import Http
from collector.records import Counts
from collector.source import Coverage, Cursor, Kind, Page, PostDraft, SourceSettings
from collector.sources import SOURCES
from collector.store import Store

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
HEAVY = ("pandas", "requests", "sqlalchemy", "streamlit", "tweepy")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
START = NOW - timedelta(hours=3)
TITLE = TitleSettings(name="Squid Game", hashtags=("SquidGame",), wikipedia=("en:Squid Game",))
LATER = timedelta(minutes=10)
RESET = str(int((NOW + LATER).timestamp()))
WAIT = {"Retry-After": "600", "X-RateLimit-Reset": RESET, "X-Rate-Limit-Reset": RESET}

platform = pytest.mark.parametrize("name", list(SOURCES))
posting = pytest.mark.parametrize("name", [name for name, part in SOURCES.items() if part.kind is not Kind.COUNTS])
counting = pytest.mark.parametrize("name", [name for name, part in SOURCES.items() if part.kind is Kind.COUNTS])


@platform
def test_its_terms_are_told(name: str) -> None:
    told = SOURCES[name].terms
    assert all(len(words) > 5 and "|" not in words for words in (told.kept, told.shown, told.exported, told.derived))
    assert told.deleted
    if told.most_texts is not None:
        assert not told.text_leaves


def fixture_of(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fixture_{name}", FIXTURES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Bench:
    """One platform on the loopback, the store, and a clock that the test moves."""

    name: str
    fixture: ModuleType
    store: Store
    url: str = ""
    now: datetime = NOW
    refusal: Reply | None = None
    asked: list[Asked] = field(default_factory=list)
    server: Any = None

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        reply: Reply = self.refusal or self.server.answer(asked)
        return reply

    def source(self) -> Any:  # noqa: ANN401 - any source
        part = SOURCES[self.name]
        return part(part.Settings(**self.fixture.settings(self.url)), Http(clock=lambda: self.now, timeout=(1, 5)))

    def pages(self, cursor: Cursor | None = None) -> list[Page]:
        return list(self.source().fetch(watch_of([TITLE]), cursor or Cursor()))

    @property
    def best(self) -> str:
        coverage: Coverage = getattr(self.fixture, "COVERAGE", Coverage.COVERED)
        return coverage.value

    def drafts(self) -> list[PostDraft]:
        return [SOURCES[self.name].parse(item) for page in self.pages() for item in page.items]

    def run(self) -> Counts:
        return collect(
            Saver(self.store, [TITLE], AuthorKeys(b"a secret for tests"), clock=lambda: self.now), self.source()
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def forget(self) -> None:
        self.store.remember(self.name, dict.fromkeys(self.store.cursor(self.name).values))


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Platforms know no database: what a page becomes on each of the two is tested where pages are stored."""
    return str(request.param)


@pytest.fixture
def bench(name: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The platform, with five posts; sleeping is an error throughout."""
    fixture = fixture_of(name)
    for variable, value in getattr(fixture, "ENVIRONMENT", {}).items():
        monkeypatch.setenv(variable, value)

    def no_sleep(seconds: float) -> None:
        pytest.fail(f"{name} slept for {seconds} s: raise RetryLater and come back instead")

    one = Bench(name, fixture, store, server=fixture.Server(START))
    one.server.arrive(5)
    with serving(one.answer) as server:
        one.url = server.url
        monkeypatch.setattr(time, "sleep", no_sleep)
        yield one
        monkeypatch.undo()


# --- the files


def test_every_platform_has_a_file_and_a_fixture_of_its_name() -> None:
    modules = {entry.partition(":")[0].rpartition(".")[2] for entry in SOURCES.entries.values()}
    assert modules == set(SOURCES)
    assert {path.stem for path in FIXTURES.glob("*.py")} == set(SOURCES)


@platform
def test_importing_it_is_cheap(name: str) -> None:
    module = SOURCES.entries[name].partition(":")[0]
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []


@platform
def test_it_calls_itself_as_it_is_registered_and_has_settings_of_its_own(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert source.platform == source.platform.casefold()
    assert source.look_back > timedelta(0)
    assert source.kind in Kind
    assert issubclass(source.Settings, SourceSettings)
    assert source.Settings is not SourceSettings
    assert source.Settings().every > timedelta(0)


@platform
def test_everything_public_is_documented(name: str) -> None:
    module = import_module(SOURCES.entries[name].partition(":")[0])
    parts = [part for key, part in vars(module).items() if not key.startswith("_") and _is_of(part, module)]
    methods = [
        method for part in parts if inspect.isclass(part) for key, method in vars(part).items()
        if not key.startswith("_") and (inspect.isfunction(method) or isinstance(method, staticmethod))
    ]  # fmt: skip
    lacking = [part for part in [module, *parts, *methods] if not inspect.getdoc(part)]
    assert lacking == []


def _is_of(part: object, module: ModuleType) -> bool:
    return (inspect.isclass(part) or inspect.isfunction(part)) and part.__module__ == module.__name__


# --- posts


@posting
def test_ids_are_unique_and_times_are_in_utc(bench: Bench) -> None:
    drafts = bench.drafts()
    assert len({draft.native_id for draft in drafts}) == len(drafts) == 5
    assert {draft.platform for draft in drafts} == {SOURCES[bench.name].platform}
    assert all(isinstance(draft.native_id, str) for draft in drafts)
    assert {draft.created_at.utcoffset() for draft in drafts} == {timedelta(0)}
    assert {draft.created_at for draft in drafts} == {START + timedelta(minutes=number) for number in range(5)}


@posting
def test_posts_carry_their_words_and_their_hashtags(bench: Bench) -> None:
    for draft in bench.drafts():
        assert draft.text.strip()
        assert "<" not in draft.text
        assert "SquidGame" in draft.hashtags or "#SquidGame" in draft.text
        assert "#" not in "".join(draft.hashtags)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@posting
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_comes_is_a_post_or_a_skipped_item(bench: Bench, data: st.DataObject) -> None:
    item = dict(next(page.items[0] for page in bench.pages() if page.items))
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(item)), json_values, max_size=4))
    for given_item in (item | changes, changes):
        try:
            draft = SOURCES[bench.name].parse(given_item)
        except SkipItem:
            continue
        assert draft.native_id
        assert draft.created_at.utcoffset() == timedelta(0)


# --- passes


@posting
def test_a_pass_stores_what_there_is_and_says_what_it_covers(bench: Bench) -> None:
    assert bench.run() == Counts(read=5, stored=5, matched=5)
    (covered,) = bench.ask(f"SELECT until FROM covered WHERE coverage = '{bench.best}'")
    assert NOW - timedelta(minutes=1) <= datetime.fromtimestamp(covered[0], UTC) <= NOW


@posting
def test_replaying_a_page_changes_nothing(bench: Bench) -> None:
    bench.run()
    before = bench.ask("SELECT native_id, text, created_at FROM post ORDER BY native_id")
    bench.forget()
    assert bench.run() == Counts(read=5, known=5, matched=5)
    assert bench.ask("SELECT native_id, text, created_at FROM post ORDER BY native_id") == before
    assert bench.ask("SELECT COUNT(*) FROM mention") == [(5,)]


@posting
def test_the_cursor_advances_and_only_news_are_read(bench: Bench) -> None:
    bench.run()
    first = bench.store.cursor(bench.name)
    assert first.values
    bench.now += timedelta(hours=1)
    assert bench.run().read == 0
    second = bench.store.cursor(bench.name)
    assert second != first
    bench.server.arrive(3)
    bench.now += timedelta(hours=1)
    assert bench.run() == Counts(read=3, stored=3, matched=3)
    assert bench.store.cursor(bench.name) != second


@posting
def test_what_is_covered_grows_without_a_gap(bench: Bench) -> None:
    bench.run()
    for _ in range(3):
        bench.server.arrive(2)
        bench.now += timedelta(minutes=30)
        bench.run()
    ((since, until),) = bench.ask(f"SELECT since, until FROM covered WHERE coverage = '{bench.best}'")
    assert datetime.fromtimestamp(since, UTC) <= START
    assert datetime.fromtimestamp(until, UTC) >= bench.now - timedelta(minutes=1)


@posting
def test_one_broken_item_is_left_out_and_the_rest_goes_in(bench: Bench) -> None:
    bench.server.arrive(4, broken=1)
    assert bench.run() == Counts(read=9, stored=8, skipped=1, matched=8)


@posting
def test_a_post_keeps_no_author_in_what_is_stored_of_it(bench: Bench) -> None:
    bench.run()
    authors = {draft.author for draft in bench.drafts() if draft.author}
    kept = " ".join(payload for (payload,) in bench.ask("SELECT payload FROM raw_post"))
    keys = {key for (key,) in bench.ask("SELECT author_key FROM post")}
    assert not {f'"{author}"' for author in authors if f'"{author}"' in kept}
    assert keys.isdisjoint(authors)


# --- refusals


@platform
def test_a_429_is_waited_for_until_the_platform_says(bench: Bench) -> None:
    bench.refusal = Reply({"title": "Too Many Requests"}, 429, WAIT)
    with pytest.raises(RetryLater) as caught:
        bench.run()
    assert caught.value.until == NOW + LATER
    assert len(bench.asked) == 1
    assert bench.ask("SELECT COUNT(*) FROM covered") == [(0,)]


@platform
def test_a_401_is_told_and_covers_nothing(bench: Bench) -> None:
    bench.refusal = Reply({"title": "Unauthorized"}, 401)
    try:
        bench.run()
    except AccessError as fault:
        told = [str(fault)]
    else:
        told = [reason for (reason,) in bench.ask("SELECT reason FROM ledger WHERE coverage = 'not covered'")]
    assert told
    assert all(told)
    assert bench.ask("SELECT COUNT(*) FROM covered WHERE coverage = 'covered'") == [(0,)]


@posting
@pytest.mark.parametrize(
    "reply",
    [Reply({}, 500), Reply(b"<html>", 503), Reply(b"<html>hello</html>"), Reply(b""), Reply("text"), Reply(7)],
    ids=["500", "503", "html", "empty", "text", "number"],
)
def test_a_fault_of_the_platform_is_tried_again_later_and_covers_nothing(bench: Bench, reply: Reply) -> None:
    bench.run()
    before = bench.ask("SELECT since, until, coverage FROM covered")
    cursor = bench.store.cursor(bench.name).values
    bench.refusal = reply
    bench.now += timedelta(hours=1)
    with pytest.raises(RetryLater) as caught:
        bench.run()
    assert bench.now < caught.value.until <= bench.now + timedelta(days=1)
    assert bench.ask("SELECT since, until, coverage FROM covered") == before
    assert cursor.items() <= bench.store.cursor(bench.name).values.items()
    bench.refusal = None
    bench.server.arrive(1)
    bench.now += timedelta(hours=1)
    assert bench.run() == Counts(read=1, stored=1, matched=1)


@platform
def test_a_platform_that_is_not_there_is_tried_again_later(bench: Bench) -> None:
    with unreachable() as address:
        bench.url = address
        with pytest.raises(RetryLater, match="cannot be reached"):
            bench.run()


@contextmanager
def unreachable() -> Iterator[str]:
    """Give an address at which nobody listens any more."""
    nobody: Callable[[Asked], Reply] = lambda _: Reply()  # noqa: E731 - a server that is closed at once
    with serving(nobody) as server:
        address = server.url
    yield address


@platform
def test_what_a_pass_saw_is_one_ledger_row_a_page(bench: Bench) -> None:
    pages = bench.pages()
    bench.run()
    rows = bench.ask("SELECT source, target, coverage, read FROM ledger ORDER BY id")
    assert rows == [(bench.name, page.target, page.coverage.value, len(page.items)) for page in pages]
    assert {page.coverage.value for page in pages} == {bench.best}


# --- figures


@counting
def test_figures_are_stored_once_and_say_what_they_cover(bench: Bench) -> None:
    assert bench.run() == Counts()
    told = bench.ask("SELECT source, part, start, length, amount FROM platform_count ORDER BY start")
    assert len(told) == 5
    assert {row[0] for row in told} == {bench.name}
    assert [b[2] - a[2] for a, b in pairwise(told)] == [row[3] for row in told[:-1]]
    ((since, until),) = bench.ask("SELECT since, until FROM covered WHERE coverage = 'covered'")
    assert (since, until) == (told[0][2], told[-1][2] + told[-1][3])
    bench.forget()
    bench.run()
    assert bench.ask("SELECT source, part, start, length, amount FROM platform_count ORDER BY start") == told
    bench.server.arrive(2)
    bench.now += timedelta(hours=12)
    bench.run()
    assert len(bench.ask("SELECT start FROM platform_count")) == 7
    assert bench.ask("SELECT COUNT(*) FROM covered WHERE coverage = 'covered'") == [(1,)]


@counting
@pytest.mark.parametrize(
    "reply",
    [Reply({}, 500), Reply(b"<html>hello</html>"), Reply(b""), Reply("text"), Reply(7), Reply({"items": [7]})],
    ids=["500", "html", "empty", "text", "number", "item"],
)
def test_a_fault_leaves_the_figures_and_what_they_cover(bench: Bench, reply: Reply) -> None:
    bench.run()
    before = bench.ask("SELECT since, until, coverage FROM covered")
    cursor = bench.store.cursor(bench.name).values
    bench.refusal = reply
    bench.now += timedelta(hours=12)
    with pytest.raises(RetryLater) as caught:
        bench.run()
    assert bench.now < caught.value.until <= bench.now + timedelta(days=1)
    assert bench.ask("SELECT since, until, coverage FROM covered") == before
    assert bench.store.cursor(bench.name).values == cursor
    assert len(bench.ask("SELECT start FROM platform_count")) == 5


@counting
def test_there_are_no_posts_among_figures(bench: Bench) -> None:
    with pytest.raises(SkipItem):
        SOURCES[bench.name].parse({"id": 1})
