"""The providers of rankings, each registered by one line and imported only when it is used."""

from collector.ranking import RankingSource
from collector.registry import Registry

RANKINGS: Registry[type[RankingSource]] = Registry(
    {
        "netflix": "collector.rankings.netflix:Netflix",
        "csv": "collector.rankings.csv:CsvRankings",
    }
)
