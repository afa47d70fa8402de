"""What plots along time share: one UTC axis, gaps as bands, the release line, panels stacked in one flat view. Pure.

Panels share a view because nested layers and concatenations of Vega-Lite came out blank in the browser: each layer
has a y scale of its own whose range is a part of the height.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import altair as alt
import pandas as pd

from ui.theme import Theme, altair_config

# a picture's font has no colour emoji, and half a flag is worse than none
PICTOGRAPHS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+")
MAX_POINTS = 2000  # the browser draws these at once; ten times as many take seconds


@dataclass(frozen=True, slots=True)
class Panel:
    """A strip of the view, from `top` to `bottom`, both as parts of its height from above."""

    top: float
    bottom: float

    def scale(self, low: float, high: float) -> alt.Scale:
        """Return the y scale of this strip: `low` at its bottom, `high` at its top."""
        span = [alt.ExprRef(f"height*{self.bottom}"), alt.ExprRef(f"height*{self.top}")]
        return alt.Scale(domain=alt.ExprRef(f"[{low},{high}]"), range=span, nice=False, zero=False)


def in_plot(name: str) -> str:
    """Return a name as a plot may show it: without emoji, at most 40 characters."""
    short = PICTOGRAPHS.sub("", name).strip()
    return short if len(short) <= 40 else short[:39] + "…"  # noqa: PLR2004 - told in the first line


def when(moments: "pd.Series[Any]", form: str = "%a %-d %b %Y, %H:00 UTC") -> "pd.Series[str]":
    """Write times as a reader reads them; tooltips would show the browser's own zone."""
    written: pd.Series[str] = moments.dt.strftime(form)
    return written


def cut(moments: "pd.Series[Any]", window: tuple[datetime, datetime]) -> "pd.Series[Any]":
    """Move times outside of the window to its nearer end."""
    return moments.where(moments >= window[0], window[0]).where(moments <= window[1], window[1])


def time(field: str, window: tuple[datetime, datetime], *, axis: bool = True) -> alt.X:
    """Encode a column of times on the shared UTC axis, which always spans the whole window."""
    # as an expression: Vega-Lite takes layers with equal lists for a conflict, and says so for each of them
    ends = ",".join(str(int(moment.timestamp() * 1000)) for moment in window)
    scale = alt.Scale(type="utc", domain=alt.ExprRef(f"[{ends}]"), nice=False)
    form = "%-d %b %H:00" if (window[1] - window[0]).days <= 2 else "%-d %b"  # noqa: PLR2004 - hours matter below that
    drawn = alt.Axis(title=None, format=form, grid=False, labelOverlap="greedy", tickCount=8) if axis else None
    return alt.X(f"{field}:T", scale=scale, axis=drawn)


def gap_bands(
    gaps: pd.DataFrame, window: tuple[datetime, datetime], panel: Panel, theme: Theme, *, label: str = "no data"
) -> list[alt.Chart]:
    """Draw spans of time that are not known as grey bands, each with its reason on hover.

    gaps: start, end, reason, and platform.
    """
    if gaps.empty:
        return []
    shown = gaps.assign(
        start=cut(gaps["start"], window),
        end=cut(gaps["end"], window),
        span=when(gaps["start"], "%-d %b %H:00") + " to " + when(gaps["end"], "%-d %b %H:00 UTC"),
        platform=gaps["platform"].map(in_plot),
        reason=gaps["reason"].map(in_plot),
        label=label,
    )
    shown = shown[shown["start"] < shown["end"]]
    tooltip = [alt.Tooltip("platform:N"), alt.Tooltip("span:N", title="no data"), alt.Tooltip("reason:N")]
    top, bottom = alt.ExprRef(f"height*{panel.top}"), alt.ExprRef(f"height*{panel.bottom}")
    base = alt.Chart(shown)
    band = base.mark_rect(color=theme.gap, opacity=0.75, y=top, y2=bottom).encode(
        x=time("start", window), x2=alt.X2("end:T"), tooltip=tooltip
    )
    longest = shown.loc[[(shown["end"] - shown["start"]).idxmax()]] if len(shown) else shown
    text = (
        alt.Chart(longest)
        .mark_text(align="left", dx=3, dy=10, color=theme.muted, fontSize=11, y=top)
        .encode(x=time("start", window), text=alt.Text("label:N"))
    )
    return [band, text]


def vertical(moment: datetime, text: str, window: tuple[datetime, datetime], color: str) -> list[alt.Chart]:
    """Draw a dashed line at one moment with its name; nothing when the moment lies outside of the window."""
    if not window[0] <= moment <= window[1]:
        return []
    late = (moment - window[0]) / (window[1] - window[0]) > 0.85  # noqa: PLR2004 - no room for the name on the right
    base = alt.Chart(pd.DataFrame({"at": [moment], "name": [text]}))
    line = base.mark_rule(color=color, strokeDash=[3, 3]).encode(x=time("at", window))
    name = base.mark_text(
        align="right" if late else "left", dx=-5 if late else 5, y=4, color=color, fontSize=11, fontWeight=600
    ).encode(x=time("at", window), text=alt.Text("name:N"))
    return [line, name]


def heading(parts: Sequence[tuple[str, str]], y: float | alt.ExprRef) -> list[alt.Chart]:
    """Write a panel's name, and behind it the names of its lines in their colours: (text, colour)."""
    layers, left = [], 0.0
    for text, color in parts:
        mark = alt.Chart(pd.DataFrame({"text": [in_plot(text)]})).mark_text(
            align="left", baseline="bottom", x=left, y=y, color=color, fontWeight=600, fontSize=12
        )
        layers.append(mark.encode(text=alt.Text("text:N")))
        left += text_width(in_plot(text)) + 12
    return layers


def text_width(text: str) -> float:
    """Guess how many pixels a bold 12 px text takes; it only has to keep names from touching."""
    return sum(12.5 if unicodedata.east_asian_width(char) in "WF" else 4 if char in "ijl.,:'| " else 7 for char in text)


class Plot(alt.LayerChart):
    """A plot that is not checked against Vega-Lite's schema each time it is shown.

    The contract tests check every plot with `validate=True`; on a screen that would be a third of its time.
    """

    def to_dict(self, validate: bool = False, **more: Any) -> dict[str, Any]:  # noqa: ANN401, FBT001, FBT002 - as altair
        """Return the spec, as altair does."""
        return super().to_dict(validate, **more)


def assemble(
    layers: Sequence[alt.Chart], *, theme: Theme, height: int, note: str = "", right: int = 12
) -> alt.LayerChart:
    """Put the layers into one flat view with a y scale each; `note` stands above it, also in a saved picture."""
    plot = Plot(layer=list(layers)).resolve_scale(y="independent", color="independent")
    title: dict[str, Any] = {"title": alt.Title(note, color=theme.release, fontSize=12, offset=18)} if note else {}
    padding = {"left": 4, "top": 8, "right": right, "bottom": 4}
    drawn: alt.LayerChart = plot.properties(
        height=height, width=720, padding=padding, config=altair_config(theme), **title
    )
    return drawn
