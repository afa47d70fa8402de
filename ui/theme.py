"""Colours and type for both grounds, light and dark. Pure; Streamlit has its own in ui/.streamlit/config.toml.

Lines are Okabe and Ito's colours, which colour-blind readers can tell apart; the sentiments are blue, grey and orange.
"""

from dataclasses import dataclass
from typing import Any, Literal

# the first is what Streamlit serves to the browser, the second what a picture is drawn with
FONT = "Source Sans, Noto Sans CJK KR, Noto Sans, sans-serif"
MAX_LINES = 5  # more cannot be told apart; the rest is grey
DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 2, 1, 2))


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one ground, as #rrggbb."""

    name: Literal["light", "dark"]
    background: str
    text: str
    muted: str
    grid: str
    expected: str  # the band in which the buzz is usual
    gap: str  # hours that are not known
    release: str
    rest: str  # lines beyond the first five
    positive: str
    neutral: str
    negative: str
    series: tuple[str, ...]  # as many as MAX_LINES

    def line(self, position: int) -> str:
        """Return the colour of the n-th line, from 0."""
        return self.series[position] if position < len(self.series) else self.rest


LIGHT = Theme(
    name="light",
    background="#ffffff",
    text="#1a1c20",
    muted="#59606b",
    grid="#e4e6ea",
    expected="#d5dae1",
    gap="#d9d9d6",
    release="#8a3b12",
    rest="#9aa1ab",
    positive="#0072b2",
    neutral="#c3c8d0",
    negative="#d55e00",
    series=("#0072b2", "#d55e00", "#009e73", "#a8508a", "#b97d00"),
)
DARK = Theme(
    name="dark",
    background="#0f1217",
    text="#e9ebee",
    muted="#a2a9b4",
    grid="#262b33",
    expected="#343c48",
    gap="#3a3a38",
    release="#f0a36b",
    rest="#6a727e",
    positive="#56b4e9",
    neutral="#4c545f",
    negative="#e69f00",
    series=("#56b4e9", "#e69f00", "#2fc79b", "#e193c0", "#f0e442"),
)


def theme_of(kind: str | None) -> Theme:
    """Return the theme that the browser says it shows: "dark", or anything else for light."""
    return DARK if kind == "dark" else LIGHT


def dash(position: int) -> list[int]:
    """Return the dash pattern of the n-th line, so that lines differ without colour as well."""
    return list(DASHES[position % len(DASHES)])


def altair_config(theme: Theme) -> dict[str, Any]:
    """Return Vega-Lite's `config` for this ground: no frame, quiet axes, 12 px labels."""
    text = {"labelFont": FONT, "titleFont": FONT, "labelColor": theme.muted, "titleColor": theme.text}
    return {
        "background": theme.background,
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": 600,
            "domain": False,
            "ticks": False,
            "gridColor": theme.grid,
            "labelPadding": 6,
        },
        "legend": {**text, "labelFontSize": 12, "symbolSize": 90, "title": None},
        "title": {
            "font": FONT,
            "subtitleFont": FONT,
            "color": theme.text,
            "subtitleColor": theme.muted,
            "fontSize": 15,
            "subtitleFontSize": 12,
            "anchor": "start",
            "frame": "group",
            "offset": 14,
        },
        "text": {"font": FONT, "fontSize": 12, "color": theme.text},
    }
