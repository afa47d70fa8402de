"""A month of X in small: two weeks over the turn of a month. The whole one is tests/chaos/x_month.py."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from x_month import Month
from x_stub import XStub

from collector.store import Store


def test_a_month_stays_within_its_budget_to_the_cent_and_its_volume_is_xs_own(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", XStub().token)
    path = tmp_path / "buzz.db"
    path.write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{path}") as store:
        month = Month(
            store,
            datetime(2026, 11, 25, tzinfo=UTC),
            days=9,
            budget=3.0,
            every=timedelta(hours=6),
            counts_every=timedelta(days=1),
            posts_an_hour=3,
            deaths=0.3,
        )
        month.run()
        assert month.faults() == []
        assert month.died > 3
        assert month.used().keys() == {"2026-11", "2026-12"}
        assert month.used()["2026-11"] > 2
        assert 0.2 < month.rechecked() <= 2 * 0.2 * 3.0
