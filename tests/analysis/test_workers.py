"""Batches are labelled alike here and in worker processes, also when these are killed."""

import logging
import multiprocessing

import pytest

from analysis import workers
from analysis.labelling import Kept, Labelling
from analysis.pending import Pending
from collector.config import parse, template

CONFIG = parse(template())
LABELLING = Labelling(CONFIG)
TEXTS = ("The zombie choreography is insane, I love it", "지금 우리 학교는 진짜 재밌다", "so boring, I hate the ending")
BATCHES = [
    [Pending(100 * batch + number, f"{text} {batch}", None, "", None) for number, text in enumerate(TEXTS)]
    for batch in range(8)
]


def test_workers_that_are_killed_cost_no_post_and_change_no_label(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[int] = []
    taken = (asked.append(number) or batch for number, batch in enumerate(BATCHES))  # type: ignore[func-returns-value]
    found: dict[int, Kept] = {}
    killed = 0
    with caplog.at_level(logging.WARNING):
        for batch, labels in workers.label_in_processes(taken, CONFIG, LABELLING, workers=1):
            found.update({post.id: label for post, label in zip(batch, labels, strict=True)})
            for child in multiprocessing.active_children():
                # the pool's first worker after its first batch, then the one that came in its place
                child.kill()
                child.join()
                killed += 1
            assert len(asked) <= len(found) // len(TEXTS) + workers.UNDER_WAY  # memory stays flat
    expected = {
        post.id: label
        for batch, labels in workers.label_here(BATCHES, LABELLING)
        for post, label in zip(batch, labels, strict=True)
    }
    assert found == expected
    assert killed == workers.POOLS
    assert [record.message for record in caplog.records] == [workers.KILLED] * workers.POOLS


def test_as_many_workers_as_processors_are_meant() -> None:
    assert 1 <= workers.available() <= multiprocessing.cpu_count()
