"""Each screen in a real Chromium: what only a browser shows. Nothing leaves the loopback, nothing breaks unseen."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import story
from loopback import Asked, Reply, serving
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright

pytestmark = pytest.mark.browser

SCREENS = {"Overview": "/", "Title": "/title", "Posts": "/posts", "Data health": "/health", "Start": "/start"}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever asks for another address gets none
)
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
WITH_PLOTS = {"Overview", "Title", "Data health"}
DARK, LIGHT = "rgb(15, 18, 23)", "rgb(255, 255, 255)"  # the grounds of ui.theme, as a browser tells them
WAIT = 60_000  # milliseconds; the machine may be busy
Serve = Callable[[Path], str]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def _context(_chromium: tuple[Path, str]) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_chromium[0]), args=list(FLAGS))
        yield browser.new_context(
            timezone_id="America/Los_Angeles",  # what is told in UTC must not depend on it
            accept_downloads=True,
        )
        browser.close()


@pytest.fixture
def context(_context: BrowserContext, chromium: Path) -> Iterator[BrowserContext]:
    """One Chromium with one cache for all tests; each test's pages are closed at its end."""
    yield _context
    for page in _context.pages:
        page.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[OpenPage]:
    """Open an address and wait until it has settled. Fails on requests off the loopback and on errors in the page."""
    outside: list[str] = []
    faults: list[str] = []

    def note(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            outside.append(address)

    def open_address(address: str, *, size: ViewportSize = WIDE, scheme: str = "light") -> Page:
        page = context.new_page()
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_default_timeout(WAIT)
        page.on("request", lambda request: note(request.url))  # not routed: that would switch the cache off
        page.on("websocket", lambda socket: note(socket.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message.text) else None)
        page.goto(address)
        settle(page)
        return page

    yield open_address
    assert not outside, outside
    assert not faults, faults


def _is_fault(text: str) -> bool:
    """Vega tells of a broken spec in the console only; a policy violation is told there as well."""
    return "WARN" in text or "ERROR" in text or "Content Security Policy" in text


def settle(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=WAIT)
    expect(page.locator(".bz h1").first).to_be_visible(timeout=WAIT)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=WAIT)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def plots(page: Page) -> Locator:
    return page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")


@contextmanager
def canary() -> Iterator[tuple[str, list[Asked]]]:
    """Serve a picture that nobody should fetch; yields its address and who asked for it."""
    asked: list[Asked] = []

    def answer(request: Asked) -> Reply:
        asked.append(request)
        return Reply(b"\x89PNG", headers={"Content-Type": "image/png"})

    with serving(answer) as server:
        yield f"{server.url}/canary.png", asked


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_opens_whole_on_a_desk_and_on_a_phone_dark_and_light(
    screen: str, told: Path, serve: Serve, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(serve(told) + SCREENS[screen], scheme="dark")
    if screen in WITH_PLOTS:
        expect(plots(page).first).to_have_css("background-color", DARK)  # from the first look on
    for scheme, ground in (("dark", DARK), ("light", LIGHT)):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            settle(page)
            if screen in WITH_PLOTS:
                expect(plots(page).first).to_be_visible()
            page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth", timeout=10_000)
            page.screenshot(path=tmp_path / f"{screen}-{size['width']}-{scheme}.png")
    page.reload()  # the server draws the plots, for the ground that the browser tells it with each run
    settle(page)
    if screen in WITH_PLOTS:
        expect(plots(page).first).to_have_css("background-color", LIGHT)


def test_a_screen_opened_on_a_phone_fits_it(told: Path, serve: Serve, open_page: OpenPage) -> None:
    page = open_page(f"{serve(told)}/title", size=PHONE)
    expect(plots(page).first).to_have_css("background-color", LIGHT)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_click_on_a_peak_shows_its_posts_and_stands_in_the_address(
    demo: Path, serve: Serve, open_page: OpenPage
) -> None:
    page = open_page(f"{serve(demo)}/title")
    expect(page.get_by_role("heading", name=re.compile(r"^Peak 3"))).to_be_visible()
    discs = page.locator("[data-testid=stVegaLiteChart]").first.locator("svg .mark-symbol path")
    expect(discs).to_have_count(3)
    discs.first.click()
    expect(page.get_by_role("heading", name=re.compile(r"^Peak 1"))).to_be_visible(timeout=WAIT)
    settle(page)
    assert "peak=1" in page.url
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name=re.compile(r"^Peak 1"))).to_be_visible(timeout=WAIT)


def test_all_posts_of_a_peak_are_one_click_away(told: Path, serve: Serve, open_page: OpenPage) -> None:
    page = open_page(f"{serve(told)}/title")
    page.get_by_role("button", name="Read them all").click()
    expect(page.get_by_role("heading", name="Posts", exact=True)).to_be_visible(timeout=WAIT)
    settle(page)
    assert "since=2022-01-29T13" in page.url
    expect(page.get_by_text(re.compile(r"^\d+ posts about Paper Lanterns fit the filters"))).to_be_visible()


def test_a_title_opens_from_the_overview(told: Path, serve: Serve, open_page: OpenPage) -> None:
    page = open_page(serve(told))
    table = page.locator("[data-testid=stDataFrame]").first
    table.click(position={"x": 20, "y": 60})
    expect(page.get_by_role("heading", name="Paper Lanterns", exact=True)).to_be_visible(timeout=WAIT)
    assert "/title" in page.url


def test_the_csv_has_every_post_and_the_picture_is_one(told: Path, serve: Serve, open_page: OpenPage) -> None:
    page = open_page(f"{serve(told)}/posts?q=dance+scene")
    with page.expect_download(timeout=WAIT) as waited:
        page.get_by_role("button", name="Download CSV").click()
    data = Path(waited.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == story.IN_PEAK
    assert {row["text"] for row in rows} == {""}  # X's terms keep the text of its posts out
    page = open_page(f"{serve(told)}/title")
    with page.expect_download(timeout=WAIT) as waited:
        page.get_by_role("button", name="Picture (PNG)").click()
    assert Path(waited.value.path()).read_bytes().startswith(b"\x89PNG")


def test_hostile_text_fetches_nothing(tmp_path: Path, serve: Serve, open_page: OpenPage) -> None:
    with canary() as (picture, asked):
        attack = f'![x]({picture}) <img src="{picture}"> <style>@import "{picture}"</style>'
        story.write(
            tmp_path, title=f"T {attack}", topic=f"O {attack}", extra=f"P {attack} <script>fetch('{picture}')</script>"
        )
        address = serve(tmp_path)
        for path in ("/", "/title", "/health", "/start", "/posts?q=canary"):
            page = open_page(address + path)
            assert page.locator("img[src*=canary]").count() == 0
        expect(page.get_by_text("canary.png").first).to_be_visible()  # the words are there, as words
        page.wait_for_timeout(500)
        assert asked == []


def test_the_policy_stops_what_would_slip_through(told: Path, serve: Serve, context: BrowserContext) -> None:
    """The second wall, on its own: even a picture put into the page by hand is not fetched."""
    with canary() as (picture, asked):
        page = context.new_page()
        page.goto(serve(told))
        settle(page)
        page.evaluate(
            "address => { const image = new Image(); image.src = address; document.body.append(image) }", picture
        )
        page.wait_for_timeout(1000)
        assert asked == []


def test_an_empty_database_shows_the_checklist_and_no_plot(empty: Path, serve: Serve, open_page: OpenPage) -> None:
    page = open_page(serve(empty))
    expect(page.get_by_role("heading", name="Nothing collected yet")).to_be_visible()
    expect(page.locator("[data-testid=stVegaLiteChart]")).to_have_count(0)
