"""`buzz run`: collector and app together; Ctrl-C ends both, a collector that fails comes back."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from loopback import free_port
from only import only

from ui.commands import run
from ui.console import Console

CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
""" + only("csv")


def child(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True)


def test_a_collector_that_fails_is_started_again_and_the_app_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "FIRST_PAUSE", 0.1)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(child("raise SystemExit(9)" if len(started) < 2 else "import time; time.sleep(60)"))
        return started[-1]

    app = child("import time; time.sleep(60)")
    stop = threading.Event()
    supervisor = run.Supervisor(app, start, Console())
    watching = threading.Thread(target=supervisor.watch, args=[stop])
    watching.start()
    deadline = time.monotonic() + 30
    while len(started) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert app.poll() is None
    stop.set()
    watching.join()
    assert app.poll() is not None
    assert started[-1].poll() is not None
    assert capsys.readouterr().err.count("the collector has ended with code 9") == 2


def test_a_config_that_cannot_be_read_is_not_tried_again_and_again() -> None:
    app = child("import time; time.sleep(60)")
    code = run.Supervisor(app, lambda: child("raise SystemExit(3)"), Console()).watch(threading.Event())
    assert code == 3
    assert app.poll() is not None


def test_ctrl_c_ends_collector_and_app(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ui.cli", "run", "--port", str(free_port())],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if any("The app is at" in said for said in lines) and any("Collecting:" in said for said in lines):
                break
        address = next(line for line in lines if "The app is at" in line).split()[4]
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
    assert "Collecting has ended; everything gathered is saved." in rest
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{address}/healthz", timeout=5)
