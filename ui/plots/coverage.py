"""Coverage: for each platform and source, which stretches of time are known, and how well."""

from datetime import datetime

import altair as alt
import pandas as pd

from ui.theme import Theme
from ui.timeline import MAX_POINTS, assemble, cut, in_plot, time, when

ROW_PX, BAR_PX = 30, 9
FOOT_PX = 34  # what the page takes from the height for the axis
MOST_ROWS = 20
ORDER = ("covered", "partial", "not covered", "failed")


def draw(windows: pd.DataFrame, *, theme: Theme, window: tuple[datetime, datetime], note: str = "") -> alt.LayerChart:
    """Draw one bar a stretch of time; where there is none, nothing is known.

    windows: row (what a line of bars is called), coverage (covered, partial, not covered, failed), since, until.
    """
    spans = windows[(windows["until"] > window[0]) & (windows["since"] < window[1])]
    rows = list(dict.fromkeys(spans["row"]))[:MOST_ROWS]
    height = max(1, len(rows)) * ROW_PX
    names = pd.DataFrame({"at": window[0], "row": rows or ["Nothing is known of this window"]})
    names["y"] = [(place + 1) * ROW_PX - BAR_PX - 3 for place in range(len(names))]
    scale = alt.Scale(domain=alt.ExprRef(f"[{height},0]"), nice=False, zero=False)
    y = alt.Y("y:Q", scale=scale, axis=None)
    text = alt.Chart(names.assign(row=names["row"].map(in_plot))).mark_text(
        align="left", baseline="bottom", fontWeight=600, color=theme.text if rows else theme.muted
    )
    layers = [text.encode(x=time("at", window), y=y, text=alt.Text("row:N"))]
    if rows:
        layers = [_bars(merged(spans[spans["row"].isin(rows)]).head(MAX_POINTS), rows, window, y, theme), *layers]
    return assemble(layers, theme=theme, height=height + FOOT_PX, note=note)


def merged(windows: pd.DataFrame) -> pd.DataFrame:
    """Join stretches of one row and kind that touch or overlap: several targets tell of the same time."""
    ordered = windows.sort_values(["row", "coverage", "since", "until"])
    of = [ordered["row"], ordered["coverage"]]
    reached = ordered.groupby(of, sort=False)["until"].cummax().groupby(of).shift()
    part = (ordered["since"] > reached).groupby(of).cumsum().rename("part")
    joined = ordered.groupby([*of, part], sort=False).agg(since=("since", "min"), until=("until", "max")).reset_index()
    # what is known well is drawn over what is known badly
    rank = joined["coverage"].map({kind: place for place, kind in enumerate(reversed(ORDER))})
    return joined.assign(rank=rank).sort_values(["row", "rank", "since"])[["row", "coverage", "since", "until"]]


def _bars(spans: pd.DataFrame, rows: list[str], window: tuple[datetime, datetime], y: alt.Y, theme: Theme) -> alt.Chart:
    colors = {"covered": theme.positive, "partial": theme.rest, "not covered": theme.gap, "failed": theme.negative}
    foot = spans["row"].map({name: (place + 1) * ROW_PX for place, name in enumerate(rows)})
    shown = pd.DataFrame(
        {
            "start": cut(spans["since"], window),
            "end": cut(spans["until"], window),
            "span": when(spans["since"], "%-d %b %Y %H:%M") + " to " + when(spans["until"], "%-d %b %Y %H:%M UTC"),
            "coverage": spans["coverage"],
            "colour": spans["coverage"].map(colors),
            "y": foot - BAR_PX,
            "foot": foot,
        }
    )
    bars: alt.Chart = (
        alt.Chart(shown)
        .mark_rect()
        .encode(
            x=time("start", window),
            x2=alt.X2("end:T"),
            y=y,
            y2=alt.Y2("foot:Q"),
            color=alt.Color("colour:N", scale=None),
            tooltip=[alt.Tooltip("coverage:N"), alt.Tooltip("span:N", title="time")],
        )
    )
    return bars
