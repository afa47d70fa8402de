"""Fetches the files of a ready-made sentiment model from Hugging Face, once, when a user asks for it."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from collector.address import host_of
from collector.errors import AccessError, ConfigError, InputError
from collector.http import Http
from collector.model_folder import CONFIG, NOTE, ONNX, TOKENIZER, TOKENIZER_CONFIG, TORCH, kept_at

HUB = "https://huggingface.co"
MAX_BYTES = 5_000_000_000  # of one file: a model for posts has some 500 MB
SECONDS = 6 * 3600.0  # for one file, on a slow line
UNKNOWN = frozenset({401, 404})  # Hugging Face answers 401 where there is no such model, or not for everybody


@dataclass(frozen=True)
class Fetched:
    """What was fetched, and what its page tells of it."""

    name: str
    revision: str
    license: str  # "" where the page names none
    languages: tuple[str, ...]
    files: tuple[str, ...]
    size: int  # bytes


def fetch(
    http: Http, name: str, *, hub: str = HUB, small: bool = False, told: Callable[[str], None] = lambda _: None
) -> tuple[Path, Fetched]:
    """Fetch a model by its name into the user's data folder, whole or not at all; return the folder.

    small: weights in eight bits, where there are some. told: hears the name of each file that begins.

    Raises ConfigError where the name is none or the model lacks a file we need, AccessError where it is not for
    everybody or differs from its digest, InputError where the disk refuses, RetryLater for faults of the network.
    """
    target = kept_at(name)
    about = _about(http, name, hub)
    sizes = _sizes(about)
    files = _wanted(name, sizes, small=small)
    part = target.with_name(target.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for file in files:
            told(file)
            _download(http, f"{hub}/{name}/resolve/{about['sha']}/{file}", part / file, sizes[file])
        card = _mapping(about.get("cardData"))
        fetched = Fetched(
            name, about["sha"], str(card.get("license") or ""), _texts(card.get("language")), files,
            sum((part / file).stat().st_size for file in files),
        )  # fmt: skip
        (part / NOTE).write_bytes(orjson.dumps(asdict(fetched), option=orjson.OPT_INDENT_2))
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    except OSError as fault:
        raise InputError(f"{part} cannot be written: {fault.strerror or fault}") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target, fetched


def _about(http: Http, name: str, hub: str) -> dict[str, Any]:
    """Ask what a model consists of."""
    answer = http.get(f"{hub}/api/models/{name}", params={"blobs": "true"}, expect=UNKNOWN)
    if answer.status in UNKNOWN:
        raise AccessError(f'{host_of(hub)} shows nobody a model "{name}": look up how it is written')
    about = _mapping(answer.json())
    if about.get("gated"):
        raise AccessError(f"{name} is given to those only who accept its terms: fetch it yourself, and name its folder")
    revision = about.get("sha")
    if not isinstance(revision, str) or not revision.isalnum() or not isinstance(about.get("siblings"), list):
        raise AccessError(f'{host_of(hub)} does not tell which files the model "{name}" has: try again later')
    return about


def _sizes(about: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what is told of each file, by its name."""
    listed = [_mapping(one) for one in about["siblings"]]
    return {one["rfilename"]: one for one in listed if isinstance(one.get("rfilename"), str)}


def _wanted(name: str, files: Mapping[str, object], *, small: bool) -> tuple[str, ...]:
    """Choose the files we need; only names that we know are ever asked for."""
    order = sorted(ONNX, key=lambda file: "quantized" not in file) if small else ONNX
    weights = next((file for file in (*order, *TORCH) if file in files), None)
    for missing in (file for file in (CONFIG, TOKENIZER) if file not in files):
        raise ConfigError(f"{name} has no {missing}: export it to ONNX yourself, as docs/models.md shows")
    if weights is None:
        raise ConfigError(f"{name} has neither {ONNX[0]} nor {TORCH[0]}: export it yourself, as docs/models.md shows")
    beside = (TOKENIZER_CONFIG, f"{weights}_data", f"{weights}.data")
    return (CONFIG, TOKENIZER, *(file for file in beside if file in files), weights)


def _download(http: Http, url: str, path: Path, told: Mapping[str, Any]) -> None:
    """Fetch one file and compare it with the size and the digest that were told of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    http.download(url, path, max_bytes=MAX_BYTES, seconds=SECONDS)
    digest = _mapping(told.get("lfs")).get("sha256")
    with path.open("rb") as file:
        is_other = isinstance(digest, str) and hashlib.file_digest(file, "sha256").hexdigest() != digest
    if is_other or (isinstance(told.get("size"), int) and path.stat().st_size != told["size"]):
        raise AccessError(f"{host_of(url)} sent another {path.name} than it told of: try again later")


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(one for one in listed if isinstance(one, str))
