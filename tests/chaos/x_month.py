"""Collects from X for a simulated month, hour by hour, dying at one run in ten, against a server that bills as X does.

With --kills the runs are processes, of which SIGKILL strikes two in three at a random moment.

After each month: X's bill is within the budget to the cent, the meter shows no less than it, the hourly volume that is
stored equals X's, and every hour that is told to be covered has all its posts.
`python tests/chaos/x_month.py --months 3`
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from x_month import Month
from x_stub import XStub

from collector.store import Store

BUDGETS = (2.0, 10.0, 40.0)


def main() -> int:
    """Simulate the months; 1 when anything was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--posts", type=float, default=8.0, help="posts an hour of the loud title")
    parser.add_argument("--days", type=float, default=31)
    parser.add_argument("--kills", action="store_true")
    options = parser.parse_args()
    struck = {"deaths": 0.67, "strikes": 0.25} if options.kills else {}
    os.environ["BUZZ_X_BEARER_TOKEN"] = XStub().token
    logging.disable(logging.WARNING)  # gaps and waits are what is simulated
    bad = 0
    for number in range(options.months):
        budget = BUDGETS[number % len(BUDGETS)]
        with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/buzz.db") as store:
            begun = time.process_time()
            start = datetime(2026, 11, 1, 0, 6, tzinfo=UTC)
            month = Month(
                store, start, options.days, budget, posts_an_hour=options.posts, seed=options.seed + number, **struck
            )
            month.run()
            faults, again = month.faults(), month.rechecked()
        bills = ", ".join(f"{name} ${bill:.3f} of ${budget:.2f}" for name, bill in month.used().items())
        took = time.process_time() - begun
        of_it = f"${again:.3f} of it for asking again"
        print(f"{month.runs} runs, {month.died} died: {bills}; {of_it}; {took:.0f} CPU s", flush=True)
        for fault in faults[:10]:
            print("  FAULT", fault)
        bad += len(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
