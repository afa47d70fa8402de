"""Buzz above rank on one time axis: what people said, and what the ranking did."""

from datetime import datetime, timedelta

import altair as alt
import pandas as pd

from analysis.volume import coarsen
from ui.theme import Theme, dash
from ui.timeline import MAX_POINTS, Panel, assemble, cut, gap_bands, heading, in_plot, text_width, time, vertical, when

BUZZ = Panel(0.06, 0.60)
RANK = Panel(0.70, 0.99)
NAME_RANKS = 1.1  # ranks that a name takes in height
HAIR = 0.16  # lines of the same rank stand so far apart, so that all are seen
LOWEST = 10.3  # the lowest place for a name


def draw(
    buzz: pd.DataFrame,
    ranks: pd.DataFrame,
    gaps: pd.DataFrame,
    peaks: pd.DataFrame,
    *,
    theme: Theme,
    window: tuple[datetime, datetime],
    released: datetime | None = None,
    chosen: int | None = None,
    rank_name: str = "Rank",
    note: str = "",
    height: int = 520,
) -> alt.LayerChart:
    """Draw posts an hour per platform with the expected range, numbered peaks, gaps and release; below it the ranks.

    buzz: platform, hour, posts (NaN where not covered), one line a platform; low and high (NaN: unknown) where a range
    is expected. More than MAX_POINTS become means of several hours. ranks: series (what a line is), label (what
    stands at its end), start, end, rank: a week is a step of seven days.
    gaps: platform, start, end, reason. peaks: number, platform, top, posts, times.
    chosen: the number of the peak whose posts are shown. A click on a peak sets the selection "peak".
    """
    lines, step, unit = coarsen(buzz, MAX_POINTS)
    most = max(1.0, float(lines["posts"].max()) if lines["posts"].notna().any() else 1.0)
    platforms = list(lines.groupby("platform")["posts"].sum().sort_values(ascending=False).index)
    layers = [
        *gap_bands(gaps, window, Panel(0, BUZZ.bottom), theme),
        *_expected(buzz, window, most, theme),
        *(_line(lines, name, place, window, most, theme) for place, name in enumerate(platforms)),
        *([] if released is None else vertical(released, "Release", window, theme.release)),
        *_ranks(ranks, window, theme),
        *_peaks(peaks, lines, step, window, most, theme, chosen),
        *heading([(unit.capitalize(), theme.text), *((name, theme.line(i)) for i, name in enumerate(platforms))], -4),
        *heading([(rank_name, theme.text)], alt.ExprRef(f"height*{RANK.top} - 14")),
    ]
    return assemble(layers, theme=theme, height=height, note=note, right=_room(ranks))


def _runs(ranks: pd.DataFrame, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Cut the spans to the window; `run` changes where weeks or days are missing, `place` is the line's."""
    places = {name: place for place, name in enumerate(dict.fromkeys(ranks["series"]))}
    spans = ranks[(ranks["end"] > window[0]) & (ranks["start"] < window[1])].sort_values(["series", "start"])
    broken = spans["start"] != spans.groupby("series")["end"].shift()
    spans = spans.assign(run=broken.cumsum(), place=spans["series"].map(places))
    return spans.assign(start=cut(spans["start"], window), end=cut(spans["end"], window))


def _expected(buzz: pd.DataFrame, window: tuple[datetime, datetime], most: float, theme: Theme) -> list[alt.Chart]:
    if "low" not in buzz or buzz["low"].notna().sum() == 0:
        return []
    scale = BUZZ.scale(0, most)
    ends = [coarsen(buzz.assign(posts=buzz[name])[["platform", "hour", "posts"]]).frame for name in ("low", "high")]
    band = ends[0].rename(columns={"posts": "low"}).assign(high=ends[1]["posts"])
    # the pointer finds the line; a band reaching above the view is cut
    band = band.assign(high=band["high"].where(band["high"] <= most, most))
    layers = []
    for name in band.loc[band["low"].notna(), "platform"].unique():
        area = alt.Chart(band.loc[band["platform"] == name, ["hour", "low", "high"]]).mark_area(
            color=theme.expected, opacity=0.8, clip=True, interpolate="monotone", tooltip=None
        )
        layers.append(
            area.encode(x=time("hour", window), y=alt.Y("low:Q", scale=scale, axis=None), y2=alt.Y2("high:Q"))
        )
    return layers


def _line(
    lines: pd.DataFrame, name: str, place: int, window: tuple[datetime, datetime], most: float, theme: Theme
) -> alt.Chart:
    own = lines.loc[lines["platform"] == name, ["hour", "posts"]]
    own = own.assign(when=when(own["hour"]), platform=in_plot(name))
    form = "~s" if most >= 1000 else "~f"  # noqa: PLR2004 - as 1k
    axis = alt.Axis(title=None, tickCount=4, tickMinStep=1, format=form, orient="left") if place == 0 else None
    line: alt.Chart = (
        alt.Chart(own)
        .mark_line(color=theme.line(place), strokeWidth=1.6, strokeDash=dash(place))
        .encode(
            x=time("hour", window),
            y=alt.Y("posts:Q", scale=BUZZ.scale(0, most), axis=axis),
            tooltip=[
                alt.Tooltip("when:N", title="hour"),
                alt.Tooltip("posts:Q", format=",.1~f"),
                alt.Tooltip("platform:N"),
            ],
        )
    )
    return line


def _peaks(
    peaks: pd.DataFrame,
    lines: pd.DataFrame,
    step: int,
    window: tuple[datetime, datetime],
    most: float,
    theme: Theme,
    chosen: int | None,
) -> list[alt.Chart]:
    """Draw numbered discs on the line; where hours are averaged they stand on the mean."""
    shown = peaks[(peaks["top"] >= window[0]) & (peaks["top"] < window[1])] if len(peaks) else peaks
    if shown.empty:
        return []
    heights = lines.set_index(["platform", "hour"])["posts"]
    places = [(p, h.floor(f"{step}h")) for p, h in zip(shown["platform"], shown["top"], strict=True)]
    shown = shown.assign(
        at=[place[1] for place in places],
        height=[heights.get(place, most) for place in places],
        when=when(shown["top"]),
        colour=[theme.release if number == chosen else theme.text for number in shown["number"]],
        times=[f"{times:.1f} times expected" if pd.notna(times) else "—" for times in shown["times"]],
    )
    keep = ["number", "at", "height", "when", "posts", "times", "colour"]
    pick = alt.selection_point(name="peak", fields=["number"], on="click", clear=False)
    base = alt.Chart(shown[keep]).encode(
        x=time("at", window), y=alt.Y("height:Q", scale=BUZZ.scale(0, most), axis=None)
    )
    disc = base.mark_circle(size=330, opacity=1, cursor="pointer").encode(
        color=alt.Color("colour:N", scale=None),
        tooltip=[
            alt.Tooltip("number:Q", title="peak"),
            alt.Tooltip("when:N"),
            alt.Tooltip("posts:Q", format=","),
            alt.Tooltip("times:N"),
        ],
    )
    number = base.mark_text(color=theme.background, fontWeight=700, fontSize=11).encode(text=alt.Text("number:Q"))
    return [disc.add_params(pick), number]


def _ranks(ranks: pd.DataFrame, window: tuple[datetime, datetime], theme: Theme) -> list[alt.Chart]:
    spans = _runs(ranks, window) if len(ranks) else ranks
    if spans.empty:
        nothing = alt.Chart(pd.DataFrame({"text": ["Not in a ranking that is stored for this window"]}))
        middle = alt.ExprRef(f"height*{RANK.top + (RANK.bottom - RANK.top) / 4}")
        mark = nothing.mark_text(x=0, y=middle, align="left", color=theme.muted)
        return [mark.encode(text=alt.Text("text:N")), _rank_grid(window, theme)]
    return [_rank_grid(window, theme), *_rank_lines(spans, window, theme), _rank_names(spans, window, theme)]


def _rank_grid(window: tuple[datetime, datetime], theme: Theme) -> alt.Chart:
    grid = pd.DataFrame({"rank": [1, 5, 10], "from": window[0], "to": window[1]})
    axis = alt.Axis(title=None, values=[1, 5, 10], format="d", grid=False, orient="left")
    lines: alt.Chart = (
        alt.Chart(grid)
        .mark_rule(color=theme.grid)
        .encode(x=time("from", window), x2=alt.X2("to:T"), y=alt.Y("rank:Q", scale=RANK.scale(10.5, 0.5), axis=axis))
    )
    return lines


def _color(place: int, theme: Theme) -> str:
    """Give the first rank line the colour of text: blue is the buzz above it."""
    return theme.text if place == 0 else theme.line(place)


def _rank_lines(spans: pd.DataFrame, window: tuple[datetime, datetime], theme: Theme) -> list[alt.Chart]:
    number = int(spans["place"].max()) + 1
    told = (
        spans["start"].dt.strftime("%-d %b") + " to " + (spans["end"] - timedelta(seconds=1)).dt.strftime("%-d %b %Y")
    )
    spans = spans.assign(
        y=spans["rank"] + (spans["place"] - (number - 1) / 2) * HAIR,
        told=told,
        series=spans["series"].map(in_plot),
        colour=[_color(place, theme) for place in spans["place"]],
    )
    y = alt.Y("y:Q", scale=RANK.scale(10.5, 0.5), axis=None)
    color = alt.Color("colour:N", scale=None)
    places = list(range(number))
    dashes = alt.Scale(domain=places, range=[dash(place) for place in places])
    path = (
        alt.Chart(_corners(spans))
        .mark_line(strokeWidth=2.2, interpolate="step-after")
        .encode(x=time("at", window), y=y, detail=alt.Detail("run:N"), color=color)
        .encode(strokeDash=alt.StrokeDash("place:N", scale=dashes, legend=None))
    )
    # a wide, unseen rule over each step is what the pointer finds
    touch = (
        alt.Chart(spans[["start", "end", "y", "rank", "told", "series"]])
        .mark_rule(strokeWidth=12, opacity=0)
        .encode(
            x=time("start", window),
            x2=alt.X2("end:T"),
            y=y,
            tooltip=[alt.Tooltip("series:N"), alt.Tooltip("rank:Q"), alt.Tooltip("told:N", title="dates")],
        )
    )
    return [path, touch]


def _corners(spans: pd.DataFrame) -> pd.DataFrame:
    """Return the points of a line of steps: where each step begins, and where the last of a run ends."""
    kept = ["run", "y", "colour", "place"]
    starts = spans[[*kept, "start"]].rename(columns={"start": "at"})
    ends = spans.groupby("run", as_index=False).last()[[*kept, "end"]].rename(columns={"end": "at"})
    return pd.concat([starts, ends]).sort_values(["run", "at"])


def _rank_names(spans: pd.DataFrame, window: tuple[datetime, datetime], theme: Theme) -> alt.Chart:
    """Name the lines at the right edge, each near its last rank and apart from the others."""
    last = spans.groupby("series", as_index=False).last().sort_values(["rank", "place"])
    rows = pd.DataFrame(
        {
            "at": window[1],
            "y": apart(list(last["rank"])),
            "text": last["label"].map(in_plot),
            "colour": [_color(place, theme) for place in last["place"]],
        }
    )
    names: alt.Chart = (
        alt.Chart(rows)
        .mark_text(align="left", dx=8, fontWeight=600, fontSize=11)
        .encode(x=time("at", window), y=alt.Y("y:Q", scale=RANK.scale(10.5, 0.5), axis=None), text=alt.Text("text:N"))
        .encode(color=alt.Color("colour:N", scale=None))
    )
    return names


def apart(ranks: list[float]) -> list[float]:
    """Move ascending ranks so far from each other that their names do not touch, and none below the panel."""
    placed: list[float] = []
    for rank in ranks:
        placed.append(max(float(rank), placed[-1] + NAME_RANKS) if placed else float(rank))
    over = max(0.0, placed[-1] - LOWEST) if placed else 0.0
    return [place - over for place in placed]


def _room(ranks: pd.DataFrame) -> int:
    """Return the pixels that the names at the right edge need."""
    longest = max((text_width(in_plot(str(name))) for name in ranks["label"].unique()), default=0)
    return int(min(longest + 12, 120)) if longest else 16
