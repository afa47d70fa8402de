"""Tasks give the same results here and in worker processes, also when these are killed."""

import logging
import multiprocessing
import os

import pytest

from analysis import workers
from analysis.ahead import prepare
from analysis.label import labels_of
from analysis.labelling import Labelling
from analysis.pending import Pending
from analysis.workers import Workers
from collector.config import parse, template

CONFIG = parse(template())
LABELLING = Labelling(CONFIG)
TEXTS = ("The zombie choreography is insane, I love it", "지금 우리 학교는 진짜 재밌다", "so boring, I hate the ending")
BATCHES = [
    [Pending(100 * batch + number, f"{text} {batch}", None, "", None) for number, text in enumerate(TEXTS)]
    for batch in range(6)
]
GIVEN = [(body, body, "en", "Tag", number > 0, "toy") for number, body in enumerate(TEXTS)]


def test_workers_that_are_killed_cost_no_post_and_change_no_label(caplog: pytest.LogCaptureFixture) -> None:
    found, killed = [], 0
    with caplog.at_level(logging.WARNING), Workers(CONFIG, LABELLING, 1) as one:
        ready = one.begin(prepare, GIVEN)()
        waiting = [one.begin(labels_of, batch) for batch in BATCHES[:4]]
        while waiting:
            found.append(waiting.pop(0)())
            for child in multiprocessing.active_children():
                # the first worker after its first batch, then the one that came in its place
                child.kill()
                child.join()
                killed += 1
            if len(found) < 3:
                waiting.append(one.begin(labels_of, BATCHES[3 + len(found)]))
    with Workers(CONFIG, LABELLING, 0) as nobody:
        assert ready == nobody.begin(prepare, GIVEN)()
        assert found == [nobody.begin(labels_of, batch)() for batch in BATCHES]
    assert killed == workers.POOLS
    assert [record.message for record in caplog.records] == [workers.KILLED] * workers.POOLS


def test_each_worker_calculates_with_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")  # put back afterwards
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    workers.share_processors()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    workers.share_processors()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"  # the user's word is the last


def test_as_many_workers_as_processors_are_meant() -> None:
    assert 1 <= workers.available() <= multiprocessing.cpu_count()
