"""The folder of a ready-made sentiment model: which files lie in it, and where those that were fetched are kept."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from platformdirs import user_data_path

from collector.errors import ConfigError

CONFIG, TOKENIZER, TOKENIZER_CONFIG = "config.json", "tokenizer.json", "tokenizer_config.json"
ONNX = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")  # the best first
TORCH = ("model.safetensors",)
NOTE = "buzz-model.json"  # what was told of a model when it was fetched
NAME = re.compile(r"(?:[\w-][\w.-]{0,95}/)?[\w-][\w.-]{0,95}", re.ASCII)
Stamp = tuple[str, int, int]  # path, size, time of the last change


@dataclass(frozen=True)
class ModelFolder:
    """The files of one model; `weights` is one of ONNX or TORCH, under `path`."""

    path: Path
    weights: Path
    config: dict[str, Any]
    tokenizer_config: dict[str, Any]
    note: dict[str, Any]

    @property
    def is_onnx(self) -> bool:
        """Tell whether the weights need no torch."""
        return self.weights.suffix == ".onnx"

    @property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on; read once for as long as the files stay as they are."""
        parts = [self.path / name for name in (CONFIG, TOKENIZER, TOKENIZER_CONFIG)] + [self.weights]
        # weights beyond 2 GB lie beside the graph
        parts += sorted(self.weights.parent.glob(f"{self.weights.name}[_.]data"))
        return _digest(tuple(_stamp(part) for part in parts if part.is_file()))


def kept_at(name: str) -> Path:
    """Return where a model of this name is kept once it was fetched. Raises ConfigError where it cannot be a name."""
    if not NAME.fullmatch(name):
        raise ConfigError(f'"{name}" is no name of a model: one such as "owner/model" is needed')
    return user_data_path("buzzchart") / "models" / name.replace("/", "--")


def open_model(model: str) -> ModelFolder:
    """Find a model by its folder, or by the name it was fetched by. Nothing is fetched here.

    Raises ConfigError where it is not there, or a file is missing or broken.
    """
    folder = Path(model)
    if not folder.is_dir():
        folder = kept_at(model) if NAME.fullmatch(model) else folder
        if not folder.is_dir():
            raise ConfigError(
                f'[sentiment] model = "{model}" is neither a folder nor a model that was fetched: give its folder, or '
                "fetch one by its name with `buzz model fetch NAME`"
            )
    for missing in (name for name in (CONFIG, TOKENIZER) if not (folder / name).is_file()):
        raise ConfigError(f"{folder} has no {missing}: export the model anew, as docs/models.md shows")
    weights = next((folder / name for name in ONNX + TORCH if (folder / name).is_file()), None)
    if weights is None:
        raise ConfigError(f"{folder} has neither {ONNX[0]} nor {TORCH[0]}: export the model, as docs/models.md shows")
    return ModelFolder(
        folder, weights, _object(folder / CONFIG), _object(folder / TOKENIZER_CONFIG), _object(folder / NOTE)
    )


def _object(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object; an empty one where there is no file."""
    try:
        found = orjson.loads(path.read_bytes()) if path.is_file() else {}
    except (OSError, ValueError) as fault:
        raise ConfigError(f"{path} cannot be read: {fault}") from fault
    if not isinstance(found, dict):
        raise ConfigError(f"{path} holds no JSON object: fetch or export the model anew")
    return found


def _stamp(path: Path) -> Stamp:
    about = path.stat()
    return str(path), about.st_size, about.st_mtime_ns


@lru_cache(maxsize=4)
def _digest(stamps: tuple[Stamp, ...]) -> str:
    whole = hashlib.sha256()
    for path, size, _ in stamps:
        try:
            with Path(path).open("rb") as file:
                whole.update(f"{Path(path).name} {size} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        except OSError as fault:
            raise ConfigError(f"{path} cannot be read: {fault.strerror or fault}") from fault
    return whole.hexdigest()
