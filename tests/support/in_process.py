"""`buzz` run in this very process: the same main() as the program's, which spares the start of another Python."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from ui.cli import main


class InProcess:
    """Runs `buzz` with words, as typed in a folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capture

    def __call__(self, *words: object, folder: Path, given: bytes = b"") -> subprocess.CompletedProcess[str]:
        """Return what it printed and its exit code; `given` is its standard input."""
        arguments = ["buzz", *map(str, words)]
        self._capture.readouterr()  # what was printed before is not ours
        with self._monkeypatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(sys, "argv", arguments)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = self._capture.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out, err)
