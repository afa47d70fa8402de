import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest
import requests
from loopback import Asked, Loopback, Reply, serving

import collector.http
from collector.errors import AccessError, InputError, RetryLater
from collector.http import ApiAdapter, Http, check_redirect, host_of, is_loopback, retry_at, safe_for_token, user_agent

SESAME = "not-a-real-token"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def http(**options: object) -> Http:
    return Http(clock=lambda: NOW, **options)  # type: ignore[arg-type]


@contextmanager
def replying(*replies: Reply) -> Iterator[Loopback]:
    """Serve these replies one after the other, the last one for ever."""
    left = list(replies)

    def answer(_: Asked) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    with serving(answer) as server:
        yield server


def test_an_answer_holds_what_the_server_sent() -> None:
    with replying(Reply({"a": [1, "é"]}, headers={"ETag": "x1"})) as server:
        answer = http(contact="me@example.org").get(server.url + "/p", params={"q": "좀비 & co"})
    assert (answer.status, answer.json(), answer.headers["etag"], answer.at) == (200, {"a": [1, "é"]}, "x1", NOW)
    assert server.asked[0].params == {"q": "좀비 & co"}
    assert server.asked[0].headers["User-Agent"] == user_agent("me@example.org")
    assert server.asked[0].headers["User-Agent"].startswith("buzzchart/")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        ({"Retry-After": "Sun, 01 Mar 2026 12:10:00 GMT"}, timedelta(minutes=10)),
        ({"X-RateLimit-Reset": "2026-03-01T12:05:30.250Z"}, timedelta(minutes=5, seconds=30.25)),
        ({"x-rate-limit-reset": "1"}, timedelta(minutes=5)),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 61)}, timedelta(seconds=61)),
        ({"X-RateLimit-Reset": "35"}, timedelta(seconds=35)),
        ({"X-RateLimit-Reset": "0"}, timedelta(seconds=1)),
        ({}, timedelta(minutes=5)),
        ({"Retry-After": "soon"}, timedelta(minutes=5)),
        ({"Retry-After": "-5"}, timedelta(minutes=5)),
        ({"Retry-After": "Sun, 01 Mar 2020 12:10:00 GMT"}, timedelta(seconds=1)),
        ({"Retry-After": "9" * 40}, timedelta(days=1)),
        ({"Retry-After": "9" * 5000}, timedelta(days=1)),
        ({"X-RateLimit-Reset": "9" * 5000}, timedelta(minutes=5)),
        ({"X-RateLimit-Reset": "9" * 40}, timedelta(minutes=5)),
    ],
)
def test_a_429_says_until_when_to_wait_and_never_longer_than_a_day(headers: dict[str, str], wait: timedelta) -> None:
    with replying(Reply({}, 429, headers)) as server, pytest.raises(RetryLater) as caught:
        http().get(server.url)
    assert caught.value.until == NOW + wait
    assert server.host in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_fault_of_the_server_passes(status: int) -> None:
    with replying(Reply({}, status)) as server, pytest.raises(RetryLater, match="fault of its own") as caught:
        http().get(server.url)
    assert caught.value.until == NOW + timedelta(minutes=1)


def test_a_503_with_a_time_is_asked_again_then() -> None:
    with replying(Reply({}, 503, {"Retry-After": "600"})) as server, pytest.raises(RetryLater) as caught:
        http().get(server.url)
    assert caught.value.until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 422])
def test_a_refusal_is_an_access_error_unless_the_caller_expects_it(status: int) -> None:
    with replying(Reply({"why": 1}, status)) as server:
        with pytest.raises(AccessError, match=str(status)):
            http().get(server.url + "/path?token=secret")
        assert http().get(server.url, expect={status}).json() == {"why": 1}


def test_a_refusal_does_not_repeat_the_query_of_the_address() -> None:
    with replying(Reply({}, 404)) as server, pytest.raises(AccessError) as caught:
        http().get(server.url + "/path", params={"token": "secret"})
    assert "secret" not in str(caught.value)


def test_a_304_is_an_answer() -> None:
    with replying(Reply(b"", 304)) as server:
        assert http().get(server.url, headers={"If-None-Match": "x"}).status == 304


def test_html_with_status_200_is_a_fault_that_passes() -> None:
    with replying(Reply(b"<html>", headers={"Content-Type": "text/html"})) as server:
        answer = http().get(server.url)
        with pytest.raises(RetryLater, match="other than JSON") as caught:
            answer.json()
    assert caught.value.until == NOW + timedelta(minutes=1)


def test_half_a_character_makes_no_page_unreadable() -> None:
    body = rb'[{"text": "half \ud83d of one", "tags": ["\uDC00x"]}, {"text": "\ud83d\ude00 whole"}]'
    with replying(Reply(body)) as server:
        told = http().get(server.url).json()
    assert told == [{"text": "half  of one", "tags": ["x"]}, {"text": "\U0001f600 whole"}]


@pytest.mark.parametrize("body", [b'["\\ud83d"', b"[" * 100_000, b'["\\ud83d", NaN]'])
def test_what_is_no_json_is_a_fault_that_passes(body: bytes) -> None:
    with replying(Reply(body)) as server, pytest.raises(RetryLater, match="other than JSON"):
        http().get(server.url).json()


def test_an_unreachable_server_is_one_sentence_and_a_short_wait() -> None:
    with replying(Reply()) as server:
        gone = server.url
    with pytest.raises(RetryLater, match=r"^127\.0\.0\.1:\d+ cannot be reached; trying again") as caught:
        http().get(gone)
    assert caught.value.until == NOW + timedelta(minutes=1)


def test_a_silent_server_does_not_hold_us(silent: Loopback) -> None:
    with pytest.raises(RetryLater, match="did not answer in time"):
        http(timeout=(1, 0.2)).get(silent.url)


@pytest.fixture
def silent() -> Iterator[Loopback]:
    over = Event()

    def answer(_: Asked) -> Reply:
        over.wait(10)
        return Reply({})

    with serving(answer) as server:
        yield server
        over.set()


def test_an_answer_cut_short_is_a_fault_that_passes() -> None:
    cut = Reply(b"[1,", headers={"Content-Length": "50", "Connection": "close"})
    with replying(cut) as server, pytest.raises(RetryLater):
        http(timeout=(1, 0.5)).get(server.url)


def test_an_answer_past_the_size_limit_is_not_read_to_its_end() -> None:
    with replying(Reply(b"x" * 200_000)) as server, pytest.raises(RetryLater, match="more than 100,000 bytes"):
        http().get(server.url, max_bytes=100_000)


def test_a_gzip_bomb_is_read_no_further_than_the_limit() -> None:
    bomb = Reply(gzip.compress(b"x" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with replying(bomb) as server, pytest.raises(RetryLater, match="more than 100,000 bytes"):
        http().get(server.url, max_bytes=100_000)


def test_an_answer_that_drips_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector.http, "WHOLE_ANSWER", -1.0)
    with replying(Reply(b"x" * 10)) as server, pytest.raises(RetryLater, match="answers too slowly"):
        http().get(server.url)


def test_a_name_that_nobody_knows_is_a_server_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RetryLater, match=r"nowhere\.example cannot be reached; trying again"):
        http().get("https://nowhere.example/")


def test_a_redirect_on_the_loopback_is_followed_and_the_query_is_not_sent_twice() -> None:
    with replying(Reply(b"", 302, {"Location": "/there?b=2"}), Reply([1])) as server:
        answer = http().get(server.url + "/here", params={"a": "1"})
    assert answer.json() == [1]
    assert answer.url.endswith("/there?b=2")
    assert [dict(asked.params) for asked in server.asked] == [{"a": "1"}, {"b": "2"}]


@pytest.mark.parametrize("name", ["Authorization", "X-Goog-Api-Key"])
def test_a_token_does_not_follow_a_redirect_to_another_server(name: str) -> None:
    with replying(Reply([1])) as other, replying(Reply(b"", 302, {"Location": other.url})) as first:
        http().get(first.url, headers={name: "Bearer t"})
    assert first.asked[0].headers[name] == "Bearer t"
    assert name not in other.asked[0].headers


def test_circles_end() -> None:
    with replying(Reply(b"", 302, {"Location": "/again"})) as server, pytest.raises(RetryLater, match="in circles"):
        http().get(server.url)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("https://example.org/a", "http://example.org/a"),
        ("https://example.org/a", "https://127.0.0.1/a"),
        ("http://example.org/a", "http://localhost:5432/"),
        ("https://example.org/a", "file:///etc/passwd"),
        ("http://127.0.0.1/a", "http://example.org/a"),
    ],
)
def test_a_redirect_that_is_not_safe_is_refused(origin: str, target: str) -> None:
    with pytest.raises(AccessError, match="not safe"):
        check_redirect(origin, target)


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("https://example.org/a", "https://other.example/b"),
        ("http://example.org/a", "http://example.org/b"),
        ("http://example.org/a", "https://example.org/b"),
        ("http://127.0.0.1:1/a", "http://127.0.0.1:2/a"),
    ],
)
def test_a_redirect_that_is_safe_is_followed(origin: str, target: str) -> None:
    check_redirect(origin, target)


def test_a_token_never_travels_without_https() -> None:
    assert not safe_for_token("http://example.org")
    assert safe_for_token("https://example.org")
    assert safe_for_token("http://[::1]:80/")
    with pytest.raises(AccessError, match="our token stays here") as caught:
        http().get("http://example.org/", headers={"authorization": "Bearer sesame"})
    assert "sesame" not in str(caught.value)


def test_the_loopback_is_known_by_its_address() -> None:
    assert is_loopback("http://127.0.0.1:80")
    assert is_loopback("http://localhost")
    assert not is_loopback("http://127.0.0.1.example.org")


def test_a_host_is_named_without_user_and_password() -> None:
    assert host_of("https://user:word@example.org:81/path?q") == "example.org:81"


def test_the_wait_is_never_in_the_past() -> None:
    assert retry_at({"Retry-After": "0"}, NOW, timedelta(minutes=5)) == NOW + timedelta(seconds=1)


def test_a_download_appears_whole(tmp_path: Path) -> None:
    with replying(Reply(b"a\tb\n" * 50_000, headers={"ETag": "v1"})) as server:
        answer = http().download(server.url, tmp_path / "ranks.tsv")
    assert (answer.status, answer.headers["ETag"], answer.body) == (200, "v1", b"")
    assert (tmp_path / "ranks.tsv").read_bytes() == b"a\tb\n" * 50_000
    assert [path.name for path in tmp_path.iterdir()] == ["ranks.tsv"]


def test_a_download_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "ranks.tsv"
    path.write_bytes(b"old")
    cut = Reply(b"new", headers={"Content-Length": "9000", "Connection": "close"})
    with replying(cut) as server, pytest.raises(RetryLater):
        http(timeout=(1, 0.5)).download(server.url, path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["ranks.tsv"]


def test_a_304_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "ranks.tsv"
    path.write_bytes(b"old")
    with replying(Reply(b"", 304)) as server:
        assert http().download(server.url, path, headers={"If-None-Match": "v1"}).status == 304
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with replying(Reply(b"x")) as server, pytest.raises(InputError, match="cannot be written"):
        http().download(server.url, tmp_path / "no" / "file")


def sdk(server: Loopback) -> requests.Session:
    session = requests.Session()
    adapter = ApiAdapter(http(), server.url, token=SESAME, hosts=("api.example.org",))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def test_an_sdk_is_led_to_the_address_of_the_config_with_the_token_and_our_name() -> None:
    with replying(Reply({"data": []})) as server:
        response = sdk(server).get("https://api.example.org/2/search", params={"query": "#a OR #b"})
    assert response.json() == {"data": []}
    assert (server.asked[0].path, server.asked[0].params) == ("/2/search", {"query": "#a OR #b"})
    assert server.asked[0].headers["Authorization"] == "Bearer " + SESAME
    assert server.asked[0].headers["User-Agent"].startswith("buzzchart/")


@pytest.mark.parametrize(
    "api", ["https://evil.example", "http://api.example.org", "https://api.example.org.evil.example"]
)
def test_an_sdk_gives_the_token_to_nobody_else(api: str) -> None:
    with pytest.raises(AccessError, match="mend api"):
        ApiAdapter(http(), api, token=SESAME, hosts=("api.example.org",))


def test_an_sdk_follows_no_redirect() -> None:
    elsewhere = Reply(b"", 302, {"Location": "https://api.example.org/x"})
    with replying(elsewhere) as server, pytest.raises(AccessError, match="not safe"):
        sdk(server).get("https://api.example.org/2/search")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"text"', b""])
def test_an_sdk_never_sees_an_answer_that_is_not_an_object(body: bytes) -> None:
    with replying(Reply(body)) as server, pytest.raises(RetryLater):
        sdk(server).get("https://api.example.org/2/search")
    with replying(Reply(body, 401)) as server:
        assert sdk(server).get("https://api.example.org/2/search").json() == {}
