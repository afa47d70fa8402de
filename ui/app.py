"""The app's router: opens the database for reading and hands it to the screen that the address names."""

import os
from pathlib import Path

import streamlit as st

from analysis.frames.reader import Reader
from collector.errors import BuzzError
from ui import widgets
from ui.desk import Desk
from ui.views import health, overview, posts, start, title
from ui.workspace import Workspace

ICON = Path(__file__).with_name("static") / "icon.png"


@st.cache_resource(max_entries=4, show_spinner=False)
def _reader(url: str, identity: tuple[int, int] | None) -> Reader:  # noqa: ARG001 - another file under the same name
    """Open a database once per process; faults are not kept, so a database that appears later is found."""
    return Reader(url)


def open_desk() -> Desk:
    """Open what BUZZ_CONFIG and BUZZ_DB name. Raises ConfigError or StoreError."""
    workspace = Workspace.open(default=True)
    return Desk(_reader(workspace.url, _identity(workspace.url)), workspace.config)


def _identity(url: str) -> tuple[int, int] | None:
    """Return what tells an SQLite file from another one that takes its place; None for other databases."""
    path = url.removeprefix("sqlite:///")
    if path == url or not os.path.exists(path):  # noqa: PTH110 - a text that may be no path at all
        return None
    status = os.stat(path)  # noqa: PTH116 - as above
    return status.st_dev, status.st_ino


def main() -> None:
    """Show the screen that the address names."""
    st.set_page_config(page_title="Buzzchart", page_icon=str(ICON), layout="wide")
    widgets.style()
    pages: dict[str, st.Page] = {}

    def open_title(name: str) -> None:
        st.switch_page(pages["title"], query_params={"title": name})

    def open_posts(filters: dict[str, str]) -> None:
        st.switch_page(pages["posts"], query_params=filters)

    try:
        desk = open_desk()
    except BuzzError as fault:
        said = str(fault)
        pages["overview"] = st.Page(lambda: start.show(None, said), title="Start", default=True)
    else:
        pages["overview"] = st.Page(lambda: overview.show(desk, open_title), title="Overview", default=True)
        pages["title"] = st.Page(lambda: title.show(desk, open_posts), title="Title", url_path="title")
        pages["posts"] = st.Page(lambda: posts.show(desk), title="Posts", url_path="posts")
        pages["health"] = st.Page(lambda: health.show(desk), title="Data health", url_path="health")
        pages["start"] = st.Page(lambda: start.show(desk), title="Start", url_path="start")
    try:
        st.navigation(list(pages.values()), position="top").run()
    except BuzzError as fault:
        widgets.empty("This cannot be read just now", str(fault))


if __name__ == "__main__":
    main()
