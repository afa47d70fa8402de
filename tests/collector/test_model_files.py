"""Fetching a model: what is asked for, what is refused, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, Reply, serving
from model_hub import LABELS, NAME, SHA, Hub

from collector.errors import AccessError, ConfigError, InputError, RetryLater
from collector.http import Http
from collector.model_files import fetch
from collector.model_folder import kept_at, open_model


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def server(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with serving(hub.answer) as running:
        yield running


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_files_of_a_model_are_fetched_once_and_found_by_its_name(server: Loopback) -> None:
    began: list[str] = []
    folder, fetched = fetch(Http(), NAME, hub=server.url, told=began.append)
    assert folder == kept_at(NAME)
    assert began == ["config.json", "tokenizer.json", "onnx/model.onnx_data", "onnx/model.onnx"]
    assert _files(folder) == sorted([*began, "buzz-model.json"])
    assert (fetched.license, fetched.languages, fetched.revision) == ("mit", ("en", "ko"), SHA)
    asked = len(server.asked)
    found = open_model(NAME)
    assert found.weights.read_bytes() == b"weights"
    assert found.note["languages"] == ["en", "ko"]
    assert len(server.asked) == asked


def test_weights_in_eight_bits_take_the_place_of_the_others(server: Loopback) -> None:
    fetch(Http(), NAME, hub=server.url)
    folder, fetched = fetch(Http(), NAME, hub=server.url, small=True)
    assert _files(folder) == ["buzz-model.json", "config.json", "onnx/model_quantized.onnx", "tokenizer.json"]
    assert fetched.size == len(LABELS) + 2 + 3


def test_a_file_other_than_was_told_is_refused_and_leaves_what_was_there(server: Loopback, hub: Hub) -> None:
    folder, _ = fetch(Http(), NAME, hub=server.url)
    hub.sent["onnx/model.onnx"] = b"WEIGHTS"
    with pytest.raises(AccessError, match=r"sent another model\.onnx than it told of: try again later$"):
        fetch(Http(), NAME, hub=server.url)
    assert (folder / "onnx/model.onnx").read_bytes() == b"weights"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_model_without_a_file_we_need_is_not_fetched(server: Loopback, hub: Hub, name: str) -> None:
    del hub.files[name]
    with pytest.raises(ConfigError, match=rf"^someone/tiny-model has no {name}: export it to ONNX yourself"):
        fetch(Http(), NAME, hub=server.url)
    assert len(server.asked) == 1


def test_weights_that_run_code_are_not_fetched(server: Loopback, hub: Hub) -> None:
    hub.files = {name: hub.files[name] for name in ("config.json", "tokenizer.json", "pytorch_model.bin")}
    with pytest.raises(ConfigError, match=r"has neither model\.onnx nor model\.safetensors: export it yourself"):
        fetch(Http(), NAME, hub=server.url)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"gated": "manual"}, r"is given to those only who accept its terms: fetch it yourself, and name its folder$"),
        ({"sha": "../../x"}, r"does not tell which files .* has: try again later$"),
        ({"siblings": None}, r"does not tell which files .* has: try again later$"),
    ],
)
def test_a_model_that_is_not_for_everybody_or_not_told_is_refused(
    server: Loopback, hub: Hub, about: dict[str, Any], told: str
) -> None:
    hub.about |= about
    with pytest.raises(AccessError, match=told):
        fetch(Http(), NAME, hub=server.url)


@pytest.mark.parametrize("card", [None, [], {"license": None, "language": None}, {"language": [3, None]}])
def test_a_page_that_tells_nothing_is_no_fault(server: Loopback, hub: Hub, card: object) -> None:
    hub.about = {"cardData": card}
    _, fetched = fetch(Http(), NAME, hub=server.url)
    assert (fetched.license, fetched.languages) == ("", ())


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "a b", "/etc", "someone/..", "x\n"])
def test_a_name_that_is_none_asks_nobody(server: Loopback, name: str) -> None:
    with pytest.raises(ConfigError, match=r'is no name of a model: one such as "owner/model" is needed$'):
        fetch(Http(), name, hub=server.url)
    assert server.asked == []


def test_an_unknown_name_and_a_hub_that_is_away_are_told(server: Loopback, hub: Hub) -> None:
    with pytest.raises(AccessError, match=r'shows nobody a model "someone/other": look up how it is written$'):
        fetch(Http(), "someone/other", hub=server.url)
    server.answer = lambda _: Reply(status=503)
    with pytest.raises(RetryLater, match=r"has a fault of its own"):
        fetch(Http(), NAME, hub=server.url)


def test_a_disk_that_refuses_is_told(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"cannot be written"):
        fetch(Http(), NAME, hub=server.url)
