"""`buzz coverage` as a user meets it."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, cover

from collector.clock import now, to_seconds
from collector.records import Batch, Counts, LedgerEntry
from collector.source import Coverage, Cursor
from collector.store import Store
from collector.x_meter import Meter
from ui.cli import main

HOUR = timedelta(hours=1)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def buzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buzz", "coverage", "--db", "buzz.db", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def page(store: Store, coverage: Coverage, reason: str = "", **counts: int) -> None:
    entry = LedgerEntry("a.example #tag", coverage, reason)
    told = Counts(**counts)
    store.save(Batch("mastodon", "mastodon", ledger=entry, counts=told, collected_at=to_seconds(NOON)))


@pytest.fixture
def filled(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        cover(store, NOON - 2 * HOUR, NOON)
        cover(store, NOON, NOON + HOUR, coverage=Coverage.FAILED, reason="the server \x1b[31m did not answer")
        cover(store, NOON - HOUR, NOON, titles=["Hellbound"], platform="x", coverage=Coverage.PARTIAL)
        page(store, Coverage.COVERED, read=5, matched=3)
        page(store, Coverage.COVERED, read=2, skipped=1)
        page(store, Coverage.FAILED, "the server did not answer")


WINDOW = ("--from", "2022-02-01T10:00", "--to", "2022-02-01T14:00")


@pytest.mark.usefixtures("filled")
def test_it_tells_shares_gaps_and_what_was_asked(buzz: Run) -> None:
    code, out, _ = buzz(*WINDOW, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["since"], told["until"]) == ("2022-02-01T10:00:00Z", "2022-02-01T14:00:00Z")
    hellbound, squid = told["known"]
    assert (hellbound["title"], hellbound["platform"]) == ("Hellbound", "x")
    assert (hellbound["covered"], hellbound["partial"]) == (0, 0.25)
    assert (squid["covered"], squid["partial"]) == (0.5, 0)
    assert [(gap["since"], gap["until"]) for gap in squid["gaps"]] == [("2022-02-01T12:00:00Z", "2022-02-01T14:00:00Z")]
    rows = [row for row in told["asked"] if row["source"] == "mastodon" and row["target"] == "a.example #tag"]
    assert [(row["coverage"], row["pages"], row["read"], row["skipped"], row["reason"]) for row in rows] == [
        ("covered", 2, 7, 1, None),
        ("failed", 1, 0, 0, "the server did not answer"),
    ]


@pytest.mark.usefixtures("filled")
def test_in_words_one_title_and_nothing_that_a_terminal_would_obey(buzz: Run) -> None:
    code, out, _ = buzz(*WINDOW, "--title", "squid game")
    assert code == 0
    assert "Squid Game · mastodon: 50% known\n  02-01 12:00 to 02-01 14:00: " in out
    assert "Hellbound" not in out
    assert "a.example #tag · covered: 2 pages, 7 read, 3 matched, 0 new, 1 unreadable" in out
    assert "\x1b" not in out


def test_what_x_has_cost_this_month_is_told_where_it_is_used(buzz: Run, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        assert json.loads(buzz("--json")[1])["x_meter"] is None
        (tmp_path / "config.toml").write_text(
            '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n'
            "[sources.x]\nenabled = true\nbudget_usd_per_month = 12.5\n"
        )
        meter = Meter.open(Cursor(), 12.5, now())
        meter.reserved = 1_500_000
        store.remember("x", meter.values)
    told = json.loads(buzz("--json")[1])["x_meter"]
    assert (told["month"], told["spent"], told["reserved"], told["budget"]) == (f"{now():%Y-%m}", 0, 1.5, 12.5)
    assert f"X in {now():%Y-%m}: $0.00 of $12.50 spent, $1.50 more reserved." in buzz()[1]
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        month = f"meter {now():%Y-%m}"
        store.remember("x", {f"{month} spent": "2000000", f"{month} reserved": None, f"{month} rechecked": "250000"})
    assert json.loads(buzz("--json")[1])["x_meter"]["rechecked"] == 0.25
    assert "$2.00 of $12.50 spent, $0.25 of it on asking for stored posts again" in buzz()[1]


def test_an_empty_database_says_what_to_do(buzz: Run, tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'buzz.db'}").close()
    code, out, _ = buzz()
    assert code == 0
    assert "nothing was asked and nothing is known. `buzz collect` gathers" in out
