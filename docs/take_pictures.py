"""Takes the pictures of the README and the guides: the demo, in a real Chromium. `make pictures` runs it."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ui import launch
from ui.console import Console
from ui.demo import prepare

FOLDER = Path(__file__).parent / "pictures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWING = 3000  # milliseconds that plots have to appear in after the page has settled
# file name -> address, and the size of the picture
SHOTS = {
    "title.png": ("title", {"width": 1440, "height": 1300}),
    "overview.png": ("", {"width": 1440, "height": 1000}),
    "phone.png": ("title", {"width": 390, "height": 1500}),
}


def main() -> None:
    """Take every picture."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install -y chromium-headless-shell")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = prepare(Path(folder), Console(quiet=True))
        port = launch.choose_port()
        server = launch.start(workspace, port)
        try:
            launch.wait_until_ready(server, port)
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for name, (path, size) in SHOTS.items():
                page = browser.new_page(viewport=size, color_scheme="light", timezone_id="UTC")
                _shoot(page, f"{launch.address(port)}/{path}", FOLDER / name)
            browser.close()
        finally:
            server.terminate()
            server.wait()


def _shoot(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_selector(SETTLED, timeout=60_000)
    page.wait_for_timeout(DRAWING)
    page.screenshot(path=path)
    page.close()
    sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
