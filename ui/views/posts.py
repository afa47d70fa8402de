"""Posts: search, filter, read, and take along as CSV."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import streamlit as st

from analysis import export
from analysis.frames import choices, posts
from analysis.frames.posts import PostFilter
from analysis.labeller import LabelInput
from analysis.search import SearchError
from collector import clock
from ui import widgets
from ui.desk import Desk
from ui.views import start

PAGE = 20
ANY = "Any"
EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - the field knows no zones, it is UTC
SENTIMENTS = ("positive", "neutral", "negative", "unscored")
ORDERS = {"Most engaged": "engagement", "Newest": "newest", "Oldest": "oldest"}


def show(desk: Desk) -> None:
    """Show the posts that fit the filters, a page at a time."""
    if start.nothing(desk):
        return
    head = st.container()
    only, order = _filters(desk)
    chosen = _fields(only)
    try:
        count = posts.count_posts(desk.reader, **chosen)
    except SearchError as fault:
        with head:
            widgets.page_head("Posts", "The search cannot be read.", "What is stored, with its labels")
        widgets.empty("This search cannot be read", f"{fault}.")
        return
    with head:
        widgets.page_head("Posts", _lead(count, only), "What is stored, with its labels")
    if count == 0:
        widgets.empty("No post fits these filters", "Take a filter away, or search for a word's beginning: `zomb*`.")
        return
    page = _tools(desk, only, count)
    found = posts.posts(desk.reader, order=order, limit=PAGE, offset=(page - 1) * PAGE, **chosen)  # type: ignore[arg-type] # one of ORDERS
    widgets.sample_banner(int(found["sample"].sum()))
    why = _why(desk, found) if st.session_state.get("why") else {}
    for row in found.itertuples():
        widgets.post(row, why=why.get(int(str(row.post_id)), ""))
    widgets.note(
        "Engagement is likes, reposts and replies as last seen. Unscored: a language without a labeller, too short, or "
        "links only; never neutral."
    )


def _filters(desk: Desk) -> tuple[PostFilter, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = st.text_input(
            "Search",
            key="q",
            bind="query-params",
            placeholder='zombie OR "squid game" -spoiler',
            help="Words side by side must all be there. `OR` stands between words, `-` before what must not be there, "
            'quotation marks around words in a row: `"zombie dance"`. A beginning: `zomb*`. A hashtag: `#hellbound`. '
            "Labels and days: `lang:ko` `title:hellbound` `topic:music` `platform:x` `sentiment:positive` "
            "`since:2022-01-28` `until:2022-02-03`",
            width=300,
        )
        title = st.selectbox("Title", [ANY, *desk.titles], key="of", bind="query-params", width=200)
        topic = st.selectbox("Topic", [ANY, *desk.topics], key="topic", bind="query-params", width=180)
        sentiment = st.selectbox("Sentiment", [ANY, *SENTIMENTS], key="sentiment", bind="query-params", width=130)
        language = st.selectbox(
            "Language", [ANY, *choices.languages(desk.reader)], key="language", bind="query-params", width=120
        )
        platform = st.selectbox("Platform", [ANY, *desk.platforms], key="on", bind="query-params", width=140)
        since = _time("From, UTC", "since")
        until = _time("Before, UTC", "until")
        order = st.selectbox("Order", list(ORDERS), key="order", bind="query-params", width=150)
    only = PostFilter(
        title=_any(title),
        topic=_any(topic),
        platform=_any(platform),
        language=_any(language),
        sentiment=_any(sentiment),
        since=since,
        until=until,
        search=search or None,
    )
    return only, ORDERS[order]


def _time(label: Literal["From, UTC", "Before, UTC"], key: str) -> datetime | None:
    picked = st.datetime_input(
        label, value=None, min_value=EARLIEST, max_value=LATEST, key=key, bind="query-params", width=190
    )
    return None if picked is None else picked.replace(tzinfo=UTC)


def _any(value: str) -> str | None:
    return None if value == ANY else value


def _fields(only: PostFilter) -> dict[str, Any]:
    return {name: getattr(only, name) for name in PostFilter.__dataclass_fields__}


def _lead(count: int, only: PostFilter) -> str:
    about = f" about {only.title}" if only.title else ""
    return f"{count:,} {'post' if count == 1 else 'posts'}{about} {'fits' if count == 1 else 'fit'} the filters."


def _tools(desk: Desk, only: PostFilter, count: int) -> int:
    """Show paging, the switch for reasons, and the download. Returns the page, from 1."""
    wanted = export.Export("posts", only)
    last = -(-count // PAGE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        page = int(st.number_input("Page", 1, last, 1, key="page", width=130))
        st.toggle("Say why", key="why", help="The words that counted, by the labellers of today.")
        st.download_button(
            "Download CSV",
            data=lambda: export.open_download(desk.reader, wanted),
            file_name=export.file_name(wanted, clock.now()),
            mime="text/csv",
            on_click="ignore",
            key="csv",
            icon=":material/download:",
        )
    widgets.note(
        f"Page {page:,} of {last:,}. The CSV has all {count:,} posts; the terms of X, YouTube and Reddit keep the "
        "texts of their real posts out."
    )
    return page


def _why(desk: Desk, found: Any) -> dict[int, str]:  # noqa: ANN401 - a frame of posts
    """Label the posts of this page again to say which words counted; nothing is stored."""
    read = [row for row in found.itertuples() if row.text]
    asked = [
        LabelInput(int(str(row.post_id)), str(row.text), None, row.hashtags, platform=str(row.platform)) for row in read
    ]
    labelled = zip(asked, desk.labelling.label(asked), strict=True)
    return {int(str(post.post_id)): _reasons(labels, desk.labelling.explain(post, labels)) for post, labels in labelled}


def _reasons(labels: Any, sentences: Sequence[str]) -> str:  # noqa: ANN401 - analysis.label.Labels
    found = zip(labels.topics.topics, labels.topics.why, strict=True)
    named = "; ".join(f"{topic}: {', '.join(why)}" for topic, why in found)
    language = f"Language {labels.language.language}: {labels.language.why}"
    return f"{language}. Sentiment: {'; '.join(sentences)}. Topics: {named or 'none'}."
