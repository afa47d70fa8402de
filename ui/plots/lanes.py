"""Lanes: one strip a name on a shared time axis and a shared scale, for titles or topics side by side."""

from datetime import datetime

import altair as alt
import pandas as pd

from ui.theme import Theme
from ui.timeline import MAX_POINTS, Panel, assemble, gap_bands, in_plot, time, when

MOST = 8  # lanes; the tables beside a plot hold the rest
NAME_PX, LANE_PX = 22, 36
FOOT_PX, NOTE_PX = 34, 32  # what the page takes from the height for the axis and the note


def draw(
    days: pd.DataFrame,
    gaps: pd.DataFrame,
    *,
    theme: Theme,
    window: tuple[datetime, datetime],
    note: str = "",
    unit: str = "posts",
) -> alt.LayerChart:
    """Draw posts a day, one lane a name, the biggest on top; all lanes have the same scale, told in the first.

    days: name, day, posts (NaN: not known). A day of the window without a row counts as no posts. unit: what they are.
    gaps: platform, start, end, reason.
    """
    totals = days.groupby("name")["posts"].sum().sort_values(ascending=False, kind="stable").head(MOST)
    height = max(1, len(totals)) * (NAME_PX + LANE_PX)
    step, known = _thinned(_complete(days[days["name"].isin(totals.index)], window), len(totals))
    layers = gap_bands(gaps, window, Panel(0, 1), theme)
    if len(totals):
        layers += _lanes(known, list(totals.index), height, window, theme, unit)
        layers += _names(totals, height, window, theme, unit)
    else:
        layers += _nothing(window, theme)
    said = " · ".join(filter(None, [note, "" if step == 1 else f"means of {step} days"]))
    return assemble(layers, theme=theme, height=height + FOOT_PX + (NOTE_PX if said else 0), note=said)


def _complete(days: pd.DataFrame, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Add the days without posts as zeros, so that a line does not jump over them."""
    every = pd.date_range(window[0], window[1], freq="D", inclusive="left").floor("D").unique()
    grid = pd.MultiIndex.from_product([days["name"].unique(), every], names=["name", "day"]).to_frame(index=False)
    if grid.empty:
        return days[["name", "day", "posts"]][:0]
    grid["day"] = grid["day"].astype(days["day"].dtype)
    known = grid.merge(days[["name", "day", "posts"]], on=["name", "day"], how="left", indicator=True)
    known.loc[known["_merge"] == "left_only", "posts"] = 0
    return known[["name", "day", "posts"]]


def _thinned(days: pd.DataFrame, lanes: int) -> tuple[int, pd.DataFrame]:
    step = -(-len(days) // MAX_POINTS) if lanes else 1
    if step <= 1:
        return 1, days
    start = days["day"].dt.floor(f"{step}D")
    return step, days.groupby(["name", start])["posts"].mean().reset_index()


def _lanes(
    known: pd.DataFrame, names: list[str], height: int, window: tuple[datetime, datetime], theme: Theme, unit: str
) -> list[alt.Chart]:
    """Draw all lanes on one scale of pixels from the top: a scale for each lane would be a layer for each."""
    most = max(1.0, float(known["posts"].max())) if known["posts"].notna().any() else 1.0
    foot = known["name"].map({name: _foot(place) for place, name in enumerate(names)}).astype(float)
    shown = known.assign(
        noon=known["day"] + pd.Timedelta(hours=12),
        when=when(known["day"], "%a %-d %b %Y"),
        foot=foot,
        y=foot - LANE_PX * known["posts"] / most,
        shown=known["name"].map(in_plot),
    )
    scale = alt.Scale(domain=alt.ExprRef(f"[{height},0]"), nice=False, zero=False)
    ends = [_foot(0), _foot(0) - LANE_PX]
    label = f"datum.value > {ends[0] - LANE_PX / 2} ? '0' : '{most:,.0f}'"
    axis = alt.Axis(title=None, values=ends, labelExpr=label, grid=False, orient="left")
    base = alt.Chart(shown[["noon", "foot", "y", "posts", "when", "shown"]]).encode(
        x=time("noon", window), detail=alt.Detail("shown:N")
    )
    area = base.mark_area(color=theme.line(0), opacity=0.22, interpolate="monotone").encode(
        y=alt.Y("y:Q", scale=scale, axis=axis), y2=alt.Y2("foot:Q")
    )
    line = base.mark_line(color=theme.line(0), strokeWidth=1.5, interpolate="monotone").encode(
        y=alt.Y("y:Q", scale=scale, axis=None),
        tooltip=[
            alt.Tooltip("shown:N", title="name"),
            alt.Tooltip("when:N", title="day"),
            alt.Tooltip("posts:Q", format=",.0f", title=unit),
        ],
    )
    return [area, line]


def _foot(place: int) -> int:
    return (place + 1) * (NAME_PX + LANE_PX)


def _names(
    totals: "pd.Series[float]", height: int, window: tuple[datetime, datetime], theme: Theme, unit: str
) -> list[alt.Chart]:
    rows = pd.DataFrame(
        {
            "start": window[0],
            "end": window[1],
            "y": [_foot(place) - LANE_PX - 5 for place in range(len(totals))],
            "name": [in_plot(str(name)) for name in totals.index],
            "total": [f"{total:,.0f} {unit}" for total in totals],
        }
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=alt.ExprRef(f"[{height},0]"), nice=False, zero=False), axis=None)
    base = alt.Chart(rows).encode(y=y)
    names = base.mark_text(align="left", color=theme.text, fontWeight=600, baseline="bottom")
    sums = base.mark_text(align="right", color=theme.muted, baseline="bottom")
    return [
        names.encode(x=time("start", window), text=alt.Text("name:N")),
        sums.encode(x=time("end", window), text=alt.Text("total:N")),
    ]


def _nothing(window: tuple[datetime, datetime], theme: Theme) -> list[alt.Chart]:
    """Hold the axis where no lane does, and say so."""
    base = alt.Chart(pd.DataFrame({"at": [window[0]], "text": ["Nothing in this window"]}))
    mark = base.mark_text(align="left", y=alt.ExprRef("height*0.5"), color=theme.muted)
    return [mark.encode(x=time("at", window), text=alt.Text("text:N"))]
