"""The labellers, each registered by one line and imported only when it is used."""

from typing import Any

from analysis.labeller import Labeller
from collector.registry import Registry

LABELLERS: Registry[type[Labeller[Any]]] = Registry(
    {
        "language": "analysis.labellers.language:Language",
        "sentiment": "analysis.labellers.sentiment:Sentiments",
        "topics": "analysis.labellers.topics:Topics",
    }
)
