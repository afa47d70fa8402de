"""Runs the weights of a ready-made model: by onnxruntime, or by torch where it is installed."""

import mmap
import multiprocessing
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from collector.errors import ConfigError
from collector.model_folder import TOKENIZER, ModelFolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_TOKENS = 512  # whatever a model can read: posts are short, and time grows with the square
# these count the places of tokens from the padding's number on
OFFSET = frozenset({"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer"})
# the scale of such weights is taken from all texts of a batch
QUANTISED = b"DynamicQuantizeLinear"
BATCH = 1_000_000  # as many texts at once as the caller likes
Ids = Sequence[int]


class Runner(Protocol):
    """Texts to tokens, tokens to one number for each label."""

    at_once: int  # as many texts as may be given together without changing each other's answers

    def tokens(self, texts: Sequence[str]) -> list[Ids]:
        """Return the tokens of each text, cut to what the model reads; none where it knows nothing of a text."""

    def logits(self, tokens: Sequence[Ids]) -> list[list[float]]:
        """Return one number for each label, for each text."""


def runner(folder: ModelFolder, labels: int) -> Runner:
    """Load a model. labels: how many it must have. Raises ConfigError where a file of it is broken."""
    return _Onnx(folder, labels) if folder.is_onnx else _Torch(folder, labels)


def longest(folder: ModelFolder) -> int:
    """Return how many tokens of a text the model can read, with those that mark its ends."""
    places = folder.config.get("max_position_embeddings")
    told = [folder.tokenizer_config.get("model_max_length"), folder.config.get("n_positions"), MOST_TOKENS]
    if isinstance(places, int):
        told.append(places - _padding(folder) - 1 if folder.config.get("model_type") in OFFSET else places)
    return int(min(one for one in told if isinstance(one, int | float) and one > 0))


def _padding(folder: ModelFolder) -> int:
    number = folder.config.get("pad_token_id")
    return number if isinstance(number, int) and number >= 0 else 0


class _Tokens:
    """Cuts texts into the numbers that a model knows."""

    def __init__(self, folder: ModelFolder) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - an extra

        path = folder.path / TOKENIZER
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(longest(folder))
        except Exception as fault:  # the package raises no narrower one
            raise _broken(path, fault) from fault
        unknown = folder.tokenizer_config.get("unk_token")
        written = unknown.get("content") if isinstance(unknown, dict) else unknown
        names = [written] if isinstance(written, str) else ["[UNK]", "<unk>"]
        self._unknown = {self._tokenizer.token_to_id(name) for name in names}

    def __call__(self, texts: Sequence[str]) -> list[Ids]:
        return [
            one.ids if self._says_something(one.ids, one.special_tokens_mask) else ()
            for one in self._tokenizer.encode_batch(list(texts))
        ]

    def _says_something(self, ids: Sequence[int], marks: Sequence[int]) -> bool:
        return any(not mark and number not in self._unknown for number, mark in zip(ids, marks, strict=True))


class _Padded:
    """Texts of different lengths as one table, filled up at the end, and which of its cells count."""

    def __init__(self, tokens: Sequence[Ids], padding: int) -> None:
        shape = (len(tokens), max(map(len, tokens)))
        self.ids: NDArray[np.int64] = np.full(shape, padding, dtype=np.int64)
        self.mask: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        for row, numbers in enumerate(tokens):
            self.ids[row, : len(numbers)] = numbers
            self.mask[row, : len(numbers)] = 1


class _Onnx:
    """Weights in ONNX."""

    def __init__(self, folder: ModelFolder, labels: int) -> None:
        self.tokens = _Tokens(folder)
        self._path = folder.weights
        self._padding = _padding(folder)
        self._session = _session(folder.weights)
        self.at_once = 1 if _is_quantised(folder.weights) else BATCH
        self._inputs = {one.name: np.int32 if "int32" in one.type else np.int64 for one in self._session.get_inputs()}
        outputs = self._session.get_outputs()
        self._output = next((one for one in outputs if one.name == "logits"), outputs[0])
        if unknown := self._inputs.keys() - {"input_ids", "attention_mask", "token_type_ids"}:
            raise ConfigError(f"{self._path} wants {', '.join(sorted(unknown))}, which no text has: use another model")
        shape = self._output.shape
        if len(shape) != 2 or (isinstance(shape[1], int) and shape[1] != labels):  # noqa: PLR2004 - texts x labels
            raise ConfigError(
                f"{self._path} gives other numbers than one for each of {labels} labels: export it anew for the task "
                "text-classification, as docs/models.md shows"
            )

    def logits(self, tokens: Sequence[Ids]) -> list[list[float]]:
        table = _Padded(tokens, self._padding)
        given = {"input_ids": table.ids, "attention_mask": table.mask, "token_type_ids": np.zeros_like(table.ids)}
        try:
            [found] = self._session.run(
                [self._output.name], {name: given[name].astype(kind) for name, kind in self._inputs.items()}
            )
        except Exception as fault:  # as in _session
            raise _broken(self._path, fault) from fault
        rows: list[list[float]] = found.astype(np.float64).tolist()
        return rows


def _session(path: Path) -> Any:  # noqa: ANN401 - the package has no types
    import onnxruntime  # noqa: PLC0415 - an extra, half a second to load

    from analysis.workers import available as processors  # noqa: PLC0415 - loads what labels, us among it

    onnxruntime.disable_telemetry_events()  # on Windows it has some; only the collector speaks to anybody
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1 if multiprocessing.parent_process() else processors()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # its threads would wait for each other in busy loops, and take the time of other processes
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # its faults share no other class
        raise _broken(path, fault) from fault


def _is_quantised(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return whole.find(QUANTISED) >= 0


class _Torch:
    """Weights of torch, for those who have it: no dependency of ours, so it is imported by name."""

    def __init__(self, folder: ModelFolder, labels: int) -> None:
        self.tokens = _Tokens(folder)
        self.at_once = BATCH
        self._path = folder.weights
        self._padding = _padding(folder)
        self._torch: Any = import_module("torch")
        kind = import_module("transformers").AutoModelForSequenceClassification
        try:
            self._model: Any = kind.from_pretrained(
                str(folder.path), local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
        except Exception as fault:  # it raises whatever it meets
            raise _broken(folder.weights, fault) from fault
        self._model.eval()
        if self._model.config.num_labels != labels:
            raise ConfigError(f"{folder.weights} gives {self._model.config.num_labels} numbers for {labels} labels")

    def logits(self, tokens: Sequence[Ids]) -> list[list[float]]:
        table = _Padded(tokens, self._padding)
        with self._torch.no_grad():
            found = self._model(
                input_ids=self._torch.from_numpy(table.ids), attention_mask=self._torch.from_numpy(table.mask)
            )
        rows: list[list[float]] = found.logits.double().tolist()
        return rows


def _broken(path: Path, fault: Exception) -> ConfigError:
    line = " ".join(str(fault).split())[:200]
    return ConfigError(f"{path} cannot be used: {line or type(fault).__name__}; fetch or export the model anew")
