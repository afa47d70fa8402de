"""docs/faults.md names a test for each fault, and the test is there."""

import ast
import re

import pytest
from house import ROOT

ROW = re.compile(r"^\| (?P<fault>[^|]+) \| (?P<seen>[^|]+) \| (?P<kept>[^|]+) \| `(?P<file>[^`:]+)::(?P<test>\w+)` \|$")
FAULTS = (
    "429 with a reset", "429 without", "usage cap", "401", "402, 403", "500, 502, 503", "silence", "slow body",
    "body cut",
    "HTML", "broken JSON", "wrong types", "without id", "lone surrogates", "10 MB", "gzip bomb", "redirect loop",
    "empty page", "never ends", "same page twice", "out of order", "forged times", "mid-frame", "websocket silent",
    "no JSON", "5 MB", "DNS", "away and back", "cursor too old", "clock set back", "two collectors", "SIGKILL",
)  # fmt: skip


def rows() -> list[re.Match[str]]:
    lines = (ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    found = [ROW.match(line) for line in table]
    assert [line for line, match in zip(table, found, strict=True) if match is None] == []
    return [match for match in found if match]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_a_row(fault: str) -> None:
    assert [row["fault"] for row in rows() if fault in row["fault"]]


def test_every_row_names_a_test_that_is_there() -> None:
    defined: dict[str, set[str]] = {}
    for row in rows():
        if row["file"] not in defined:
            tree = ast.parse((ROOT / row["file"]).read_text(encoding="utf-8"))
            defined[row["file"]] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert row["test"] in defined[row["file"]], row["fault"]
