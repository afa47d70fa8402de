"""`buzz model fetch` as a user meets it."""

import json
from pathlib import Path

import pytest
from in_process import InProcess
from loopback import serving
from model_hub import NAME, Hub

from collector.model_files import HUB
from ui.commands import model


def test_the_command_tells_licence_languages_and_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buzz: InProcess
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    hub = Hub()
    with serving(hub.answer) as server:
        done = buzz("model", "fetch", NAME, "--hub", server.url, folder=tmp_path)
        hub.about = {}
        again = buzz("model", "fetch", NAME, "--hub", server.url, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "licence: mit; languages: en, ko" in done.stdout
    assert f'[sentiment] engine = "transformers", model = "{NAME}"' in done.stdout
    assert json.loads(again.stdout)["license"] == ""
    assert "names no licence: ask its authors" in again.stderr


def test_models_are_fetched_from_the_same_hub_by_either_door() -> None:
    assert model.HUB == HUB


@pytest.mark.parametrize("hub_address", ["ftp://models.example.org", "http://models.example.org", "models"])
def test_a_hub_that_is_not_safe_is_refused(tmp_path: Path, buzz: InProcess, hub_address: str) -> None:
    done = buzz("model", "fetch", NAME, "--hub", hub_address, folder=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith(f"buzz: --hub {hub_address} is ")
    assert done.stderr.count("\n") == 1
