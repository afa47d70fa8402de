"""How much of a time is known, and why the rest is not."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from analysis.known import Gap, known

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def covered(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    """Windows of (title, platform, coverage, first hour, last hour) after noon."""
    return pd.DataFrame(
        [
            {
                "title": title, "platform": platform, "source": "s", "target": "t", "coverage": told,
                "since": pd.Timestamp(NOON + start * HOUR), "until": pd.Timestamp(NOON + end * HOUR),
            }
            for title, platform, told, start, end in rows
        ],
        columns=["title", "platform", "source", "target", "coverage", "since", "until"],
    )  # fmt: skip


def test_shares_and_gaps_are_those_of_the_time_asked_for() -> None:
    frame = covered(
        ("Hellbound", "mastodon", "covered", -5, 2),
        ("Hellbound", "mastodon", "partial", 1, 3),
        ("Hellbound", "mastodon", "not covered", 3, 4),
        ("Hellbound", "mastodon", "covered", 8, 20),
        ("Hellbound", "x", "failed", 0, 10),
    )
    mastodon, x = known(frame, NOON, NOON + 10 * HOUR)
    assert mastodon[:2] == ("Hellbound", "mastodon")
    assert (mastodon.covered, mastodon.partial) == (pytest.approx(0.4), pytest.approx(0.1))
    assert [(gap.since, gap.until) for gap in mastodon.gaps] == [(NOON + 3 * HOUR, NOON + 8 * HOUR)]
    assert (x.covered, x.partial) == (0, 0)
    assert [gap[:2] for gap in x.gaps] == [(NOON, NOON + 10 * HOUR)]
    assert all(isinstance(gap, Gap) and gap.reason for gap in (*mastodon.gaps, *x.gaps))


def test_of_nothing_nothing_is_told() -> None:
    assert known(covered(), NOON, NOON + HOUR) == []
