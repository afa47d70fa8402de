"""`buzz ui`: where it serves, how it ends, and what it says when its port is taken."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from loopback import free_port


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "ui.cli", "ui", "--headless", "--config", str(folder / "config.toml")]
    command += ["--db", str(folder / "buzz.db"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_serves_and_ends_cleanly(told: Path, ending: signal.Signals) -> None:
    served = start(told, "--json", "--port", str(free_port()))
    assert served.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        line = served.stdout.readline()
        assert line, served.communicate()
        said += line
    place = json.loads(said)
    assert place["url"] == f"http://127.0.0.1:{place['port']}"
    with urllib.request.urlopen(place["url"], timeout=30) as answer:
        assert answer.status == 200
    served.send_signal(ending)
    rest, errors = served.communicate(timeout=60)
    assert served.returncode == 0
    assert "Traceback" not in rest + errors
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", place["port"])) != 0  # the server went with it


def test_a_port_that_is_taken_is_one_sentence_and_code_7(told: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        served = start(told, "--port", str(port))
        said, errors = served.communicate(timeout=60)
    assert served.returncode == 7
    assert f"buzz: port {port} on 127.0.0.1 is in use" in errors
    assert "Traceback" not in said + errors


def test_a_broken_config_is_told_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[[titles]]\nname = 3\n", encoding="utf-8")
    served = start(tmp_path)
    _, errors = served.communicate(timeout=60)
    assert served.returncode == 3
    assert "config.toml line" in errors


def test_without_a_database_the_app_is_served_all_the_same(tmp_path: Path, told: Path) -> None:
    (tmp_path / "config.toml").write_text((told / "config.toml").read_text(encoding="utf-8"), encoding="utf-8")
    served = start(tmp_path, "--json")
    assert served.stdout is not None
    assert served.stdout.readline().startswith("{")
    served.terminate()
    served.communicate(timeout=60)
    assert not (tmp_path / "buzz.db").exists()  # the app makes nothing: it only reads
