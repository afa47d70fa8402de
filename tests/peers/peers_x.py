"""X's own description, served by Prism: it accepts every request that we send to X."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from loopback import Asked, Reply, free_port, serving
from peers import home, node_program
from x_stub import XStub, post

from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.config import TitleSettings
from collector.http import Http
from collector.recheck import recheck
from collector.retention import Care
from collector.sources.x import X, XSettings
from collector.store import Store

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
HOUR = timedelta(hours=1)
CARE = Care("x", "x", keep_text=timedelta(days=7), keep_posts=None, recheck_for=timedelta(days=7))
MANY = TitleSettings(name="Squid Game", hashtags=("SquidGame", *(f"SquidGameTag{number}" for number in range(60))))


@contextmanager
def prism(description: Path) -> Iterator[str]:
    """Serve X's description; gives the address."""
    program = home() / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    port = free_port()
    with node_program(program, "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(description)) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while True:
            assert time.monotonic() < deadline, "Prism did not start"
            try:
                requests.get(url, timeout=5)
            except requests.RequestException:
                time.sleep(0.5)
            else:
                break
        yield url
        process.terminate()


def verdict(url: str, asked: Asked) -> int:
    """Return what Prism says of a request: 200, or 422 and the like where it does not fit the description."""
    headers = {"Authorization": asked.headers.get("Authorization", "")}
    return requests.get(url + asked.raw_path, params=dict(asked.params), headers=headers, timeout=60).status_code


def test_prism_accepts_every_request(
    data_set: Callable[[str], Path], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = XStub()
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", stub.token)
    stub.posts += [post(NOW - 40 * HOUR + timedelta(minutes=number), number=number) for number in range(450)]
    verdicts: list[tuple[str, int]] = []
    now = NOW
    with prism(data_set("fixtures/x_api_v2/x-openapi.json")) as url:

        def answer(asked: Asked) -> Reply:
            verdicts.append((asked.raw_path, verdict(url, asked)))
            return stub.answer(asked)

        with serving(answer) as server:
            source = X(XSettings(enabled=True, api=server.url, budget_usd_per_month=100), Http(clock=lambda: now))
            saver = Saver(store, [MANY], AuthorKeys(b"a secret for tests"), clock=lambda: now)
            for _ in range(4):
                collect(saver, source, follow=True)
                now += 7 * HOUR
                recheck(saver, source, CARE)
                stub.posts += [post(now - HOUR + timedelta(seconds=n), number=10_000 + n) for n in range(150)]
        wrong = Asked(
            "",
            "/2/tweets/search/recent",
            {"query": "#SquidGame", "max_results": "5"},
            {"Authorization": f"Bearer {stub.token}"},
        )
        assert verdict(url, wrong) == 422  # it does look
    assert {path for path, _ in verdicts} == {"/2/tweets/counts/recent", "/2/tweets/search/recent", "/2/tweets"}
    assert {status for _, status in verdicts} == {200}
    assert len(verdicts) > 10
