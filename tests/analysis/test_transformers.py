"""Models of the user's own choice: found, loaded late, mapped to our classes, the same in any company."""

import contextlib
import subprocess
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from analysis.labeller import LabelInput
from analysis.labellers.sentiment import Sentiments
from analysis.scorers import model_for, transformers
from analysis.scorers.model_labels import classes_of
from analysis.scorers.odds import Odds
from analysis.scorers.transformers import Transformers
from collector import config
from collector.config import SentimentSettings
from collector.errors import ConfigError

INSTALL = "without what makes and runs models: pip install onnx onnxruntime tokenizers"
pytest.importorskip("onnxruntime", reason=INSTALL)
tiny = pytest.importorskip("tiny_model", reason=INSTALL, exc_type=ImportError)
tiny_model, LEANING = tiny.tiny_model, tiny.LEANING


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> None:
    transformers._in_memory.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made: Path = tiny_model(tmp_path / "tiny")
    return made


def _odds(folder: Path, *texts: str) -> list[Odds | None]:
    return Transformers(str(folder)).odds(texts, ["en"] * len(texts))


def _one(folder: Path, text: str) -> Odds:
    [odds] = _odds(folder, text)
    assert odds is not None
    return odds


# --- what it says


def test_the_odds_are_those_of_the_weights(folder: Path) -> None:
    # the mean of [CLS] good [SEP] is (-1, .2 / 3, 2)
    assert _one(folder, "good") == pytest.approx((0.04167, 0.12109, 0.83725), abs=1e-4)
    assert [one.best for one in _odds(folder, "good", "bad", "fine", "좋아요") if one] == [
        "positive", "negative", "neutral", "positive",
    ]  # fmt: skip


def test_the_config_names_the_folder_beside_it(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[sentiment]\nengine = "transformers"\nmodel = "tiny"\n')
    read = config.load(path)
    assert read.sentiment.model == str(folder)
    model = model_for(read.sentiment)
    assert isinstance(model, Transformers)
    assert (model.name, model.languages, len(model.version)) == ("transformers", None, 12)


def test_posts_are_labelled_by_it(folder: Path) -> None:
    settings = config.Config(sentiment=SentimentSettings(engine="transformers", model=str(folder)))
    text = "이 드라마는 정말 좋아요 좋아요 좋아요"
    [label] = Sentiments(settings).label([LabelInput(None, text, language="ko")])
    assert (label.sentiment, label.engine) == ("positive", "transformers")


def test_a_name_that_was_masked_reads_as_it(folder: Path) -> None:
    assert _one(folder, "Xtitlex good") == _one(folder, "XTITLEX good") == _one(folder, "it good")


@pytest.mark.parametrize("file", ["onnx/model.onnx", "model_quantized.onnx"])
def test_weights_are_found_where_exporters_put_them(tmp_path: Path, file: str) -> None:
    assert _one(tiny_model(tmp_path, file=file), "good").best == "positive"


# --- the same whatever the company


def test_a_text_has_the_same_odds_alone_and_in_any_company(folder: Path) -> None:
    texts = [
        " ".join(["good", "bad", "fine", "it"][: 1 + number % 4] * (1 + number % 3)) + f" u{number}"
        for number in range(100)
    ]
    together = _odds(folder, *texts)
    transformers._in_memory.clear()
    backwards = _odds(folder, *texts[::-1])[::-1]
    alone = []
    for text in texts:
        transformers._in_memory.clear()
        alone += _odds(folder, text)
        if len(alone) == 12:
            break
    assert together == backwards
    assert together[:12] == alone


def test_weights_in_few_bits_read_each_text_alone(tmp_path: Path) -> None:
    # their scale is taken from the whole batch, so that the company would change what is said
    folder = tiny_model(tmp_path, quantised=True)
    [alone] = _odds(folder, "good fine it")
    transformers._in_memory.clear()
    assert _odds(folder, "good fine it", "bad bad bad bad", "fine fine")[0] == alone != _odds(folder, "good")[0]


def test_equal_texts_are_read_once_and_the_oldest_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers, "REMEMBERED", 2)
    scorer = Transformers(str(folder))
    first, second, third = scorer.odds(["good it", "good  it", " good\nit"], ["en"] * 3)
    assert first == second == third
    scorer.odds(["bad"], ["en"])
    scorer.odds(["good it"], ["en"])
    scorer.odds(["fine"], ["en"])
    [loaded] = transformers._in_memory.values()
    assert list(loaded._remembered) == ["good it", "fine"]


# --- any text


@pytest.mark.parametrize("text", ["", " \n", "...?!", "\x00\x00", "\ud800", "nothing known", "ᚠᛇᚻ", "мне нравится"])
def test_a_text_of_which_it_knows_nothing_is_not_scored(folder: Path, text: str) -> None:
    assert _odds(folder, text, "good")[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "good \ud800 bad \udfff",
        "good\x00bad",
        "good " * 20_000,
        "good " + "x" * 100_000,
        "😭 \u202e good",
        "좋아요 \ufffe",
    ],
)
def test_any_text_is_survived(folder: Path, text: str) -> None:
    odds = _one(folder, text)
    assert sum(odds) == pytest.approx(1, abs=3e-6)


def test_a_long_text_is_cut_to_what_the_model_reads(folder: Path) -> None:
    # 16 places, two of them for the ends
    assert _one(folder, "good " * 14 + "bad " * 50) == _one(folder, "good " * 14)
    assert _one(folder, "good " * 13 + "bad " * 50) != _one(folder, "good " * 13)


def test_the_places_of_some_models_begin_after_the_padding(tmp_path: Path) -> None:
    read = tiny_model(tmp_path, model_type="xlm-roberta", pad_token_id=1, max_position_embeddings=10)
    (read / "tokenizer_config.json").write_text('{"model_max_length": 1e30, "unk_token": {"content": "[UNK]"}}')
    # 10 - 1 - 1 places
    assert _one(read, "good " * 6 + "bad") == _one(read, "good " * 6)
    assert _one(read, "good " * 5 + "bad") != _one(read, "good " * 5)


def test_time_does_not_grow_with_what_is_cut_off(folder: Path) -> None:
    scorer = Transformers(str(folder))

    def seconds(length: int) -> float:
        text = "so good " * (length // 8)
        before = time.process_time()
        scorer.odds([str(length) + text], ["en"])
        return time.process_time() - before

    scorer.odds(["warm"], ["en"])
    assert seconds(1_000_000) < 20 * max(seconds(4000), 0.005)


# --- labels and languages


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["negative", "neutral", "positive"], "-0+"),
        (["Positive", "NEUTRAL", " neg"], "+0-"),
        (["LABEL_0", "LABEL_1", "LABEL_2"], "-0+"),
        (["LABEL_0", "LABEL_1"], "-+"),
        (["POSITIVE", "NEGATIVE"], "+-"),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], "--0++"),
        (["Very Negative", "Negative", "Neutral", "Positive", "Very_Positive"], "--0++"),
    ],
)
def test_labels_are_mapped_to_classes(labels: list[str], classes: str) -> None:
    names = {str(number): label for number, label in enumerate(labels)}
    signs = {"negative": "-", "neutral": "0", "positive": "+"}
    assert "".join(signs[one] for one in classes_of(names, "config.json")) == classes


@pytest.mark.parametrize(
    "names",
    [
        {}, {"0": "joy", "1": "anger"}, {"0": "LABEL_0"}, {"1": "negative", "2": "positive"}, {"0": None, "1": 3},
        {str(number): f"LABEL_{number}" for number in range(28)}, {"0": "neutral", "1": "positive"},
    ],
)  # fmt: skip
def test_other_labels_are_refused_in_one_sentence(names: dict[str, object]) -> None:
    with pytest.raises(
        ConfigError, match=r"^config.json: the labels of this model \(.+\) are not those of sentiment; .+$"
    ):
        classes_of(names, "config.json")


def test_a_model_of_two_classes_never_says_neutral(tmp_path: Path) -> None:
    odds = _one(tiny_model(tmp_path, ("NEGATIVE", "POSITIVE"), columns=2), "good")
    assert odds.neutral == 0
    assert odds.best == "positive"


def test_stars_are_added_up_to_classes() -> None:
    names = {str(number): f"{number + 1} star{'s' * (number > 0)}" for number in range(5)}
    odds = transformers.odds_of([0.0] * 5, classes_of(names, ""))
    assert odds == (0.4, 0.2, 0.4)
    assert transformers.odds_of([float("nan"), 0, 1], classes_of({"0": "neg", "1": "neu", "2": "pos"}, "")) is None


def test_a_model_that_names_its_languages_reads_no_others(tmp_path: Path) -> None:
    (tiny_model(tmp_path) / "buzz-model.json").write_text('{"languages": ["en", "ko"]}')
    scorer = Transformers(str(tmp_path))
    assert scorer.languages == frozenset({"en", "ko"})
    known, other = scorer.odds(["good", "good"], ["ko", "de"])
    assert known is not None
    assert other is None


def test_a_model_of_many_languages_reads_any(tmp_path: Path) -> None:
    assert Transformers(str(tiny_model(tmp_path, language=["multilingual", "en"]))).languages is None
    assert Transformers(str(tiny_model(tmp_path, language="en"))).languages == frozenset({"en"})


# --- versions, lateness, faults


def test_the_version_is_that_of_the_files(tmp_path: Path) -> None:
    one, same = (Transformers(str(tiny_model(tmp_path / name))).version for name in ("one", "same"))
    other = Transformers(str(tiny_model(tmp_path / "other", extra=1))).version
    assert one == same != other


def test_nothing_is_loaded_until_there_is_a_text(folder: Path) -> None:
    code = (
        "import sys, time\n"
        "from analysis.scorers.transformers import Transformers\n"
        f"scorer = Transformers({str(folder)!r}); scorer.odds([''], ['en'])\n"
        "assert not {'onnxruntime', 'tokenizers', 'numpy', 'transformers', 'torch'} & set(sys.modules)\n"
        "print(time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_missing_file_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ConfigError, match=rf"tiny has .*{name}.*: export the model.*, as docs/models\.md shows$"):
        Transformers(str(folder))


@pytest.mark.parametrize("name", ["tokenizer.json", "model.onnx"])
@pytest.mark.parametrize("content", [b"", b"\x00broken", b"[]"])
def test_a_broken_file_is_told_in_one_line(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(
        ConfigError, match=rf"^[^\n]*tiny/{name} cannot be used: [^\n]+; fetch or export the model anew$"
    ):
        _odds(folder, "good")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"id2label": []}', '{"problem_type": "multi_label_classification"}']
)
def test_a_broken_config_is_told(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(ConfigError, match=r"^[^\n]*config\.json[^\n]+$"):
        Transformers(str(folder))


def test_weights_that_do_not_fit_the_labels_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="other numbers than one for each of 3 labels: export it anew"):
        _odds(tiny_model(tmp_path, columns=2), "good")


def test_a_model_that_is_nowhere_is_told(tmp_path: Path) -> None:
    for name in ("someone/some-model", str(tmp_path / "none"), "../x"):
        with pytest.raises(ConfigError, match=r"is neither a folder nor a model that was fetched: .*`buzz model fetch"):
            Transformers(name)
    with pytest.raises(ConfigError, match=r"needs model: the folder of a model, or its name$"):
        model_for(SentimentSettings(engine="transformers"))
    with pytest.raises(ValidationError):
        SentimentSettings.model_validate({"engine": "transformer"})


def test_without_the_extra_one_sentence_says_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"needs the extra: pip install 'buzzchart\[transformers\]'$"):
        Transformers(str(folder))


# --- torch, for those who have it


def test_weights_of_torch_need_torch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "model.onnx").rename(folder / "model.safetensors")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=r"model\.safetensors needs torch: pip install torch transformers, or export"):
        Transformers(str(folder))


class _FakeTensor(list[list[float]]):
    def double(self) -> "_FakeTensor":
        return self

    def tolist(self) -> list[list[float]]:
        return [*self]


class _FakeModel:
    """What from_pretrained gives: the weights of tiny_model, as torch would run them."""

    config = SimpleNamespace(num_labels=3)
    asked: ClassVar[dict[str, object]] = {}

    @classmethod
    def from_pretrained(cls, folder: str, **options: object) -> "_FakeModel":
        if not (Path(folder) / "model.safetensors").read_bytes():
            raise OSError("header too small")
        cls.asked = options
        return cls()

    def eval(self) -> None:
        """Nothing is learned here."""

    def __call__(self, *, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> SimpleNamespace:
        weighed = np.array(LEANING)[input_ids] * attention_mask[:, :, None]
        return SimpleNamespace(logits=_FakeTensor((weighed.sum(1) / attention_mask.sum(1, keepdims=True)).tolist()))


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> type[_FakeModel]:
    """Stand-ins for the two packages, which are 1 GB and no dependency of ours."""
    parts: dict[str, dict[str, object]] = {
        "torch": {"no_grad": contextlib.nullcontext, "from_numpy": lambda array: array},
        "transformers": {"AutoModelForSequenceClassification": _FakeModel},
    }
    for name, attributes in parts.items():
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__dict__.update(attributes)
        monkeypatch.setitem(sys.modules, name, module)
    return _FakeModel


def test_weights_of_torch_say_what_those_of_onnx_say(folder: Path, torch: type[_FakeModel]) -> None:
    texts = ("good", "bad it fine", "좋아요", "nothing known")
    by_onnx = _odds(folder, *texts)
    (folder / "model.onnx").rename(folder / "model.safetensors")
    assert _odds(folder, *texts) == by_onnx
    assert torch.asked == {"local_files_only": True, "use_safetensors": True, "trust_remote_code": False}


def test_broken_weights_of_torch_are_told(
    folder: Path, torch: type[_FakeModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "model.onnx").unlink()
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"tiny/model\.safetensors cannot be used: header too small; fetch or export"):
        _odds(folder, "good")
    (folder / "model.safetensors").write_bytes(b"x")
    monkeypatch.setattr(torch, "config", SimpleNamespace(num_labels=5))
    with pytest.raises(ConfigError, match=r"model\.safetensors gives 5 numbers for 3 labels$"):
        _odds(folder, "good")
