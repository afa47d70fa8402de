"""What all screens are put together from. The one place where hostile text is made harmless.

Text of posts, names of authors, topics, titles, platforms and reasons of errors come from outside. Streamlit's own text
elements read Markdown, and Markdown fetches pictures from any address; so words on a screen go through `text_html` and
`st.html`, and only literals go to Streamlit's labels.
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

from ui.theme import Theme, theme_of

# the tests check every plot against Vega-Lite's schema; checked again here, it would be a third of a screen's time
disable_debug_mode()

NONE = "—"
SAMPLE = "Invented sample posts"
CODE = re.compile(r"`([^`\n]{1,120})`")
FEW = 30
STYLE = """<style>
.stMainBlockContainer {max-width: 1320px; margin: 0 auto}
.bz {overflow-wrap: anywhere; line-height: 1.45}
.bz p, .bz h1, .bz h2, .bz h3 {margin: 0; padding: 0}
.bz-eyebrow, .bz-sub, .bz-note, .bz-basis, .bz-meta {opacity: .74; font-size: .92rem}
.bz-eyebrow {letter-spacing: .02em}
.bz h1 {font-size: 2rem; line-height: 1.2; font-weight: 700; letter-spacing: -.01em}
.bz h2 {font-size: 1.1rem; line-height: 1.3; font-weight: 650}
.bz p.bz-lead {font-size: 1.18rem; line-height: 1.45; max-width: 62rem; padding-top: .35rem}
.bz-value {font-size: 1.7rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums}
.bz-post {border-left: 3px solid; padding: .1rem 0 .1rem .8rem}
.bz-post p.bz-text {white-space: pre-wrap; font-size: 1.02rem; padding: .2rem 0}
.bz-tag {border: 1px solid; border-radius: 6px; padding: 0 .4rem; font-size: .82rem; margin-right: .3rem; opacity: .8}
.bz p.bz-banner {border: 1px solid; border-radius: 6px; padding: .45rem .8rem; font-size: .95rem}
.bz-list {margin: .3rem 0 0 1.2rem; padding: 0}
.bz-list li {margin: .25rem 0}
.bz code {font-size: .92em}
.bz a {color: inherit; text-decoration: underline}
</style>"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on a screen: what it is, the number, and what it rests on."""

    label: str
    value: str
    basis: str


def style() -> None:
    """Set the type and the page's width; called once a page."""
    st.html(STYLE)


def theme() -> Theme:
    """Return the ground that the reader's browser shows."""
    return theme_of(st.context.theme.type)


def text_html(text: object) -> str:
    """Escape text from outside for st.html. The one helper that may stand between such text and a screen."""
    return html.escape(str(text), quote=True)


def block(*parts: tuple[str, str, str]) -> None:
    """Write parts under each other: (tag, class, text). Tag and class are ours, the text may be anybody's.

    What stands between backticks is set as code; no tag can come out of it.
    """
    inner = "".join(f'<{tag} class="{kind}">{_with_code(text)}</{tag}>' for tag, kind, text in parts if text)
    st.html(f'<div class="bz">{inner}</div>')


def _with_code(text: str) -> str:
    return CODE.sub(r"<code>\1</code>", text_html(text))


def plain(text: object) -> None:
    """Write one paragraph of anybody's text."""
    block(("p", "", str(text)))


def page_head(name: str, lead: str, eyebrow: str = "") -> None:
    """Begin a page: its name, and the sentence that says what it found."""
    block(("p", "bz-eyebrow", eyebrow), ("h1", "", name), ("p", "bz-lead", lead))


def panel_head(headline: str, measure: str = "") -> None:
    """Begin a panel: the finding, and below it measure, unit and period."""
    block(("h2", "", headline), ("p", "bz-sub", measure))


def note(text: str) -> None:
    """Write what a panel rests on: source, basis, gap."""
    block(("p", "bz-note", text))


def empty(headline: str, why: str) -> None:
    """Say that a panel has nothing to show, and why; in place of an empty plot."""
    with st.container(border=True):
        block(("h2", "", headline), ("p", "bz-sub", why))


def steps(lines: Sequence[tuple[str, str]]) -> None:
    """Write a list of things to do: (what, the command to type, or nothing)."""
    items = "".join(
        f"<li>{text_html(what)}{f'<br><code>{text_html(command)}</code>' if command else ''}</li>"
        for what, command in lines
    )
    st.html(f'<div class="bz"><ol class="bz-list">{items}</ol></div>')


def sample_banner(posts: int) -> None:
    """Say that posts on this page are invented; nothing when none are."""
    if posts:
        said = f"{SAMPLE}: {posts:,} of the posts on this page were written for the demo. Rankings are facts."
        st.html(f'<div class="bz"><p class="bz-banner" style="color:{theme().release}">{text_html(said)}</p></div>')


def figures(rows: Sequence[Figure]) -> None:
    """Show figures side by side, as many as there is room for."""
    with st.grid(len(rows), min_column_width=170, border=True, gap="small", key="figures"):
        for row in rows:
            block(("p", "bz-meta", row.label), ("p", "bz-value", row.value), ("p", "bz-basis", row.basis))


def plot(
    drawn: alt.LayerChart,
    *,
    key: str,
    alt_text: str,
    pick: str | None = None,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Show a plot as wide as its place; with `pick`, a click on that selection calls `on_pick` before the rerun."""
    if pick is None or on_pick is None:
        st.altair_chart(drawn, width="stretch", theme=None, key=key, alt=alt_text)
    else:
        st.altair_chart(
            drawn, width="stretch", theme=None, key=key, alt=alt_text, on_select=on_pick, selection_mode=pick
        )


def post(row: Any, why: str = "") -> None:  # noqa: ANN401 - a row of analysis.frames.posts, as itertuples gives it
    """Show one post with its labels: where, when, language, engagement, sentiment, its words, and why so."""
    color = {"positive": theme().positive, "negative": theme().negative}.get(str(row.sentiment), theme().neutral)
    meta = " · ".join(_meta(row))
    tags = "".join(f'<span class="bz-tag">{text_html(topic)}</span>' for topic in row.topics)
    # the address of an invented post may be somebody else's real one
    link = "" if row.sample else _link(row.url)
    reason = f'<p class="bz-note">{text_html(why)}</p>' if why else ""
    st.html(
        f'<div class="bz bz-post" style="border-color:{color}"><p class="bz-meta">{text_html(meta)}{link}</p>'
        f"{_words(row)}<p>{tags}</p>{reason}</div>"
    )


def _words(row: Any) -> str:  # noqa: ANN401 - as in post
    """Return what a post says, or that it is not kept: its time is over, or its author does not want it to be."""
    if row.text:
        return f'<p class="bz-text">{text_html(row.text)}</p>'
    return '<p class="bz-note">The words of this post are not kept.</p>'


def articles(rows: Iterable[Any]) -> None:
    """List articles (rows with at, headline, publisher, url, sample); a headline leads to its article on the web."""
    st.html(f'<div class="bz"><ul class="bz-list">{"".join(map(_article, rows))}</ul></div>')


def _article(row: Any) -> str:  # noqa: ANN401 - as articles
    meta = [str(row.publisher), moment(row.at), *([SAMPLE.lower().removesuffix("s")] if row.sample else [])]
    headline = text_html(row.headline)
    if not row.sample and not pd.isna(row.url) and str(row.url).startswith(("https://", "http://")):
        headline = f'<a href="{text_html(row.url)}" target="_blank" rel="noopener noreferrer">{headline}</a>'
    return f'<li>{headline} <span class="bz-meta">{text_html(" · ".join(meta))}</span></li>'


def _meta(row: Any) -> Iterable[str]:  # noqa: ANN401 - as post
    yield str(row.platform)
    yield moment(row.created_at)
    yield text_or_none(row.language)
    known = [int(count) for count in (row.likes, row.reposts, row.replies) if pd.notna(count)]
    yield f"{sum(known):,} engagements" if known else "engagement unknown"
    yield sentiment_said(row.sentiment, row.score)
    if row.sample:
        yield SAMPLE.lower().removesuffix("s")


def sentiment_said(sentiment: Any, score: Any) -> str:  # noqa: ANN401 - cells of a frame
    """Write a sentiment with its score: "positive +0.84", "unscored", or "not labelled yet"."""
    if pd.isna(sentiment):
        return "not labelled yet"
    return f"{sentiment} {score:+.2f}" if pd.notna(score) else str(sentiment)


def _link(url: Any) -> str:  # noqa: ANN401 - a cell of a frame
    """Return a link to the post where it has an address on the web; it opens only when the reader clicks."""
    if pd.isna(url) or not str(url).startswith("https://"):
        return ""
    return f' · <a href="{text_html(url)}" target="_blank" rel="noopener noreferrer">open</a>'


def text_or_none(value: Any) -> str:  # noqa: ANN401 - a cell of a frame
    """Return a cell as text, "—" for none."""
    return NONE if pd.isna(value) or value == "" else str(value)


def moment(when: Any, form: str = "%a %-d %b %Y %H:%M UTC") -> str:  # noqa: ANN401 - a cell of a frame
    """Write a time; "—" for none."""
    return NONE if pd.isna(when) else when.strftime(form)


def ago(when: Any, now: datetime) -> str:  # noqa: ANN401 - a cell of a frame
    """Write how long ago something was, in its two largest units at most; "—" for none."""
    if pd.isna(when):
        return NONE
    minutes = int((now - when).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days > 60:  # noqa: PLR2004 - a date says more then
        return moment(when, "%-d %b %Y")
    if days:
        return f"{days} d {hours_left} h" if days < 7 else f"{days} d"  # noqa: PLR2004 - hours matter within a week
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min"


def percent(share: Any, *, signed: bool = False) -> str:  # noqa: ANN401 - a cell of a frame
    """Write a share as a percentage; "—" for none."""
    if share is None or pd.isna(share):
        return NONE
    return f"{share:+.0%}" if signed else f"{share:.0%}"


def points(net: Any) -> str:  # noqa: ANN401 - a cell of a frame
    """Write a net sentiment of -1..1 in points with its sign; "—" for none."""
    return NONE if net is None or pd.isna(net) else f"{100 * net:+.0f}"


def net(row: Any) -> str:  # noqa: ANN401 - a row with net, net_low and net_high
    """Write a net sentiment with its interval: "+8 (-1 to +16)"; "—" for none."""
    if pd.isna(row["net"]):
        return NONE
    return f"{points(row['net'])} ({points(row['net_low'])} to {points(row['net_high'])})"
