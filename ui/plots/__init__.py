"""The plots, by name. Each is pure: frames and a Theme in, an Altair spec out; no Streamlit, no SQL."""

from collections.abc import Callable
from typing import Any

from collector.registry import Registry

Draw = Callable[..., Any]

PLOTS: Registry[Draw] = Registry(
    {
        "buzz_rank": "ui.plots.buzz_rank:draw",
        "coverage": "ui.plots.coverage:draw",
        "lanes": "ui.plots.lanes:draw",
        "sentiment": "ui.plots.sentiment:draw",
    }
)
