"""Which port the app takes, and how its server starts and ends."""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.errors import BusyError, BuzzError
from ui import launch
from ui.server import HEADERS
from ui.workspace import Workspace


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something listens."""
    with socket.socket() as busy:
        busy.bind((launch.HOST, 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_the_next_free_port_is_taken_when_nobody_asked_for_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "DEFAULT_PORT", taken)
    chosen = launch.choose_port()
    assert taken < chosen < taken + launch.TRIED


def test_a_port_that_was_asked_for_and_is_in_use_is_one_sentence(taken: int) -> None:
    with pytest.raises(BusyError, match=f"port {taken} on 127.0.0.1 is in use: stop what runs there") as fault:
        launch.choose_port(taken)
    assert fault.value.exit_code == 7


def test_no_free_port_at_all_is_one_sentence(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "DEFAULT_PORT", taken)
    monkeypatch.setattr(launch, "TRIED", 1)
    with pytest.raises(BusyError, match="are all in use: name "):
        launch.choose_port()


def test_a_server_that_ends_at_once_is_told_with_its_code() -> None:
    server = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    server.wait()
    with pytest.raises(BuzzError, match="ended with code 3 before it was ready"):
        launch.wait_until_ready(server, 1)


def test_a_server_that_stays_silent_is_ended(taken: int) -> None:
    server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(BuzzError, match="did not answer"):
        launch.wait_until_ready(server, taken, patience=0.1)
    assert server.wait(10) != 0


def test_no_browser_opens_where_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(launch.webbrowser, "open", opened.append)
    monkeypatch.setattr(launch.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    launch.show(8501)
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    launch.show(8501)
    assert opened == ["http://127.0.0.1:8501"]


def test_the_server_answers_with_its_headers_on_the_loopback_only_from_any_folder(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ui").mkdir()  # a folder of the user's own
    monkeypatch.chdir(tmp_path)
    port = launch.choose_port()
    server = launch.start(Workspace.open(told / "config.toml", f"sqlite:///{told / 'buzz.db'}"), port)
    try:
        launch.wait_until_ready(server, port)
        for path in ("/", "/healthz", "/nothing/here.js", "/_stcore/host-config"):
            with urllib.request.urlopen(launch.address(port) + path, timeout=30) as answer:
                assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
        with urllib.request.urlopen(f"{launch.address(port)}/_stcore/host-config", timeout=30) as answer:
            settings = answer.read().decode()
        assert "streamlit.app" not in settings  # no foreign page may send us messages
        listening = Path(f"/proc/{server.pid}/net/tcp")
        if listening.exists():
            # 0100007F is 127.0.0.1 as Linux writes it; 00000000 would be every address of the machine
            ends = [line.split()[1:4] for line in listening.read_text().splitlines()[1:]]
            own = {end[0].split(":")[0] for end in ends if end[0].endswith(f":{port:04X}") and end[2] == "0A"}
            assert own == {"0100007F"}
    finally:
        server.terminate()
        assert server.wait(30) is not None


def test_streamlit_is_told_to_send_nothing_and_to_show_no_traceback() -> None:
    code = (
        "from ui.server import create; create(); import streamlit as st; import json;"
        "print(json.dumps({n: st.get_option(n) for n in ['browser.gatherUsageStats','client.showErrorDetails',"
        "'client.showErrorLinks','client.toolbarMode','server.address','server.fileWatcherType','server.headless',"
        "'server.enableXsrfProtection','server.enableCORS','server.maxUploadSize']}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.home())
    assert json.loads(done.stdout) == {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "server.address": "127.0.0.1",
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.maxUploadSize": 20,
    }
