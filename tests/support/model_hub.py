"""A hub of models on the loopback, with one model."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from loopback import Asked, Reply

SHA = "0123456789abcdef0123456789abcdef01234567"
NAME = "someone/tiny-model"
LABELS = b'{"id2label": {"0": "negative", "1": "positive"}}'


@dataclass
class Hub:
    """A hub with one model."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "config.json": LABELS, "tokenizer.json": b"{}", "onnx/model.onnx": b"weights",
            "onnx/model.onnx_data": b"more", "onnx/model_quantized.onnx": b"few", "pytorch_model.bin": b"code",
            "../../escape": b"out",
        }
    )  # fmt: skip
    about: dict[str, Any] = field(default_factory=lambda: {"cardData": {"license": "mit", "language": ["en", "ko"]}})
    sent: dict[str, bytes] = field(default_factory=dict)  # in place of what was told

    def answer(self, asked: Asked) -> Reply:
        if asked.path == f"/api/models/{NAME}":
            siblings = [
                {"rfilename": name, "size": len(body), "lfs": {"sha256": hashlib.sha256(body).hexdigest()}}
                for name, body in self.files.items()
            ]
            return Reply({"sha": SHA, "siblings": siblings, **self.about})
        start = f"/{NAME}/resolve/{SHA}/"
        if asked.path.startswith(start):
            name = asked.path.removeprefix(start)
            return Reply(self.sent.get(name, self.files[name]))
        return Reply({"error": "Repository not found"}, status=401)
