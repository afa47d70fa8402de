"""Makes a tiny sentiment model in Hugging Face's layout: real ONNX weights and a real tokenizer, of a few words."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "fine", "it", "좋아요", "😭")
# what each word adds to the labels negative, neutral, positive
LEANING = (
    (0, 0, 0), (0, 0, 0), (0, 0.1, 0), (0, 0.1, 0), (-3, 0, 6), (6, 0, -3), (0, 6, 0), (0, 1, 0), (-3, 0, 6), (2, 0, 2),
)  # fmt: skip
THREE = ("negative", "neutral", "positive")


def tiny_model(
    folder: Path,
    labels: tuple[str, ...] = THREE,
    *,
    columns: int = 3,
    file: str = "model.onnx",
    quantised: bool = False,
    **config: object,
) -> Path:
    """Write a model into a folder. columns: how many of LEANING's numbers its weights give. config: more of its keys.

    quantised: what it computes is kept in eight bits, with a scale for the whole batch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, object] = {"model_type": "bert", "pad_token_id": 0, "max_position_embeddings": 16}
    told["id2label"] = {str(number): label for number, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(told | config), encoding="utf-8")
    _write_tokenizer(folder / "tokenizer.json")
    (folder / file).parent.mkdir(exist_ok=True)
    _write_weights(folder / file, columns, quantised=quantised)
    return folder


def _write_tokenizer(path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token=WORDS[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(list(WORDS[:4]))
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(path))


def _write_weights(path: Path, columns: int, *, quantised: bool) -> None:
    """Write the mean of the words' numbers, over the cells that count, through one linear layer."""

    def number(name: str, value: object, kind: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(value, dtype=kind), name)

    nodes = [
        helper.make_node("Gather", ["leaning", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["each", "wide"], ["counted"]),
        helper.make_node("ReduceSum", ["counted", "second"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["wide", "second"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("DynamicQuantizeLinear", ["mean"], ["small", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["small", "scale", "zero"], ["rounded"]),
        helper.make_node("MatMul", ["rounded" if quantised else "mean", "linear"], ["logits"]),
    ]
    graph = helper.make_graph(
        [node for node in nodes if quantised or "uantizeLinear" not in node.op_type],
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", columns])],
        [
            number("leaning", LEANING),
            number("linear", np.eye(3)[:, [0, 2] if columns == 2 else list(range(columns))]),
            number("last", [-1], np.int64),
            number("second", [1], np.int64),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    path.write_bytes(made.SerializeToString())
