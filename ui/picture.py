"""A plot as a PNG for an article: its headline and measure stand in it, and so does what it rests on. Pure."""

import altair as alt

from ui.theme import Theme
from ui.timeline import in_plot

WIDTH = 1000
SCALE = 2.0
LINE = 110  # characters that fit beside each other


def png(plot: alt.LayerChart, *, headline: str, lines: tuple[str, ...], theme: Theme) -> bytes:
    """Return the plot as PNG with a headline and sub-lines above it; text comes out without emoji."""
    import vl_convert  # noqa: PLC0415 - heavy, and only a download needs it

    title = alt.Title(
        _wrapped(headline, LINE * 3 // 4),
        subtitle=[part for line in lines for part in _wrapped(line, LINE)],
        color=theme.text,
        subtitleColor=theme.muted,
        fontSize=20,
        subtitleFontSize=13,
        subtitlePadding=6,
        offset=30,
        anchor="start",
    )
    spec = plot.properties(title=title, width=WIDTH, padding={"left": 20, "top": 20, "right": 80, "bottom": 20})
    return vl_convert.vegalite_to_png(spec.to_dict(), scale=SCALE)


def _wrapped(text: str, width: int) -> list[str]:
    """Break a sentence into lines; a word longer than a line is shortened."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {in_plot(word)}".strip()
    return lines
