"""The training of the multilingual head: its arithmetic, what it learns from, and what it never sees."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis.scorers import head as heads
from analysis.scorers.hashed import features
from analysis.scorers.training import figures, network, regression, sets, train
from analysis.scorers.training.sets import Example
from collector.errors import InputError

PRAISE, SCORN, NEWS = "superb lovely acting", "dreadful boring mess", "airs on friday at nine"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder of a few invented lines in every set's own form."""
    root = tmp_path / "sentiment"

    def put(path: str, text: str) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    for part in sets.VADER:
        put(
            f"vader_en/{part}_GroundTruth.txt",
            f"1\t2.1\t{part} is a joy\n2\t-1.5\t{part} is a bore\n3\t0.2\t{part} is\n",
        )
    put("semeval_en/train.tsv", "label\ttext\npositive\ta feast http://t.example/x @user\nneutral\tseen by both\n")
    put("tweeteval_en/val_text.txt", "seen by both\nnobody liked it \\u2019s fine\n")
    put("tweeteval_en/val_labels.txt", "1\n0\n")
    for name in sets.UMSAB.values():
        put(f"umsab/{name}/train_text.txt", f"{name} gut\n")
        put(f"umsab/{name}/train_labels.txt", "2\n")
        put(f"umsab/{name}/val_text.txt", f"{name} schlecht\n")
        put(f"umsab/{name}/val_labels.txt", "0\n")
    put("nsmc_ko/nsmc_raw_balanced_10k.tsv", "h\nr\tm\td\t10\t1\t최고였다\nr\tm\td\t1\t0\t지루했다\n")
    put("nsmc_ko/nsmc_raw_mid_ratings_2k.tsv", "h\nr\tm\td\t5\t그냥 그랬다\nr\tm\td\t8\t꽤 좋았다\n")
    for name in sets.WISESIGHT:
        put(f"wisesight_th/{name}.txt", f"ข้อความ {name}\n")
    put("smsa_id/train_preprocess.tsv", "bagus sekali\tpositive\n")
    put("smsa_id/valid_preprocess.tsv", "jelek sekali\tnegative\n")
    return tmp_path


def test_every_set_is_read_as_it_is_written(folder: Path) -> None:
    found = {(one.language, one.text): one.label for one in sets.examples(folder) if one.name != "own"}
    assert found["en", "tweets is a joy"] == sets.POSITIVE
    assert found["en", "tweets is a bore"] == sets.NEGATIVE
    assert found["en", "tweets is"] == sets.NEUTRAL
    assert found["en", "a feast"] == sets.POSITIVE  # without link and handle
    assert found["en", "nobody liked it 's fine"] == sets.NEGATIVE
    assert found["ko", "최고였다"] == sets.POSITIVE
    assert ("ko", "그냥 그랬다") not in found  # five points of ten are mixed feelings, and not none
    assert {found["th", f"ข้อความ {name}"] for name in sets.WISESIGHT} == {0, 1, 2}
    assert found["id", "jelek sekali"] == sets.NEGATIVE
    assert "hi" not in {language for language, _ in found}


def test_nothing_is_learned_from_a_text_that_measures(folder: Path) -> None:
    found = sets.examples(folder)
    learned = {one.text for one in found if not one.measures}
    assert not learned & {"seen by both", "german schlecht", "jelek sekali"}
    assert not learned & {one.text for one in found if one.measures}
    # nor where the set that holds the measuring one is left out
    assert "seen by both" not in {one.text for one in sets.examples(folder, only_open=True)}


def test_the_open_sets_alone_are_those_whose_licence_is_open(folder: Path) -> None:
    names = {one.name.split()[0] for one in sets.examples(folder, only_open=True)}
    assert names == {"vader", "nsmc", "wisesight", "smsa", "own"}


def test_a_fifth_is_held_out_by_letters_and_digits_alone() -> None:
    held = [sets.is_held_out(f"text number {at}") for at in range(2000)]
    assert 0.17 < np.mean(held) < 0.23
    assert sets.is_held_out("Text, number 7!") == sets.is_held_out("text number 7")


def test_the_posts_of_our_own_are_whole_and_each_stands_once() -> None:
    posts = [json.loads(line) for line in sets.OWN.read_text(encoding="utf-8").splitlines()]
    assert len(posts) >= 1000
    assert {post["label"] for post in posts} == set(sets.NAMES)
    assert len({(post.get("language", "en"), post["text"]) for post in posts}) == len(posts)
    assert [post for post in posts if not post["text"].strip() or "http" in post["text"] or "@" in post["text"]] == []


def test_the_slope_is_the_slope_of_the_cost_and_the_smallest_place_is_found() -> None:
    def bowl(place: regression.Floats) -> tuple[float, regression.Floats]:
        away = place - np.array([3.0, -2.0, 0.5])
        steep = np.array([1.0, 25.0, 400.0])
        return float(steep @ away**2) / 2, steep * away

    assert regression.minimised(bowl, np.zeros(3), 60) == pytest.approx([3.0, -2.0, 0.5], abs=1e-4)


def _examples(texts: list[str], labels: list[int]) -> regression.Examples:
    found = features(texts, 12)
    dense = np.random.default_rng(1).normal(size=(len(texts), 4))
    hashed = regression.Buckets(found, regression.frequent(found, 2))
    return regression.Examples(dense, hashed, np.array(labels), np.ones(len(texts)))


def test_the_weights_are_where_no_direction_is_better() -> None:
    examples = _examples([PRAISE, SCORN, NEWS] * 8, [2, 0, 1] * 8)
    best = regression.fitted(examples, 0.01, 0.01, 400)
    rng = np.random.default_rng(2)

    def cost(weights: regression.Weights) -> float:
        odds = regression.softmax(regression.summed(examples, weights))
        told = odds[np.arange(len(odds)), examples.classes]
        return -float(np.log(told).mean()) + 0.005 * float((weights.dense**2).sum() + (weights.hashed**2).sum())

    for _ in range(20):
        elsewhere = regression.Weights(*(part + rng.normal(scale=0.05, size=part.shape) for part in best))
        assert cost(elsewhere) > cost(best)


def test_the_sparse_matrix_multiplies_as_a_full_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "CHUNK", 40)  # several parts
    texts = [PRAISE, SCORN, "", NEWS, PRAISE + " " + NEWS]
    found = features(texts, 12)
    kept = regression.frequent(found, 2)
    matrix = regression.Buckets(found, kept)
    full = np.zeros((len(texts), len(kept)))
    rows = np.repeat(np.arange(len(texts)), found.counts)
    for row, bucket in zip(rows, found.buckets, strict=True):
        if bucket in kept:
            full[row, np.searchsorted(kept, bucket)] += 1 / np.sqrt(found.counts[row])
    assert len(kept) > 10
    rng = np.random.default_rng(3)
    right, left = rng.normal(size=(len(kept), 3)), rng.normal(size=(len(texts), 3))
    assert matrix.times(right) == pytest.approx(full @ right, abs=1e-5)
    assert matrix.transposed_times(left) == pytest.approx(full.T @ left, abs=1e-5)


def test_probabilities_that_are_too_sure_are_brought_down() -> None:
    rng = np.random.default_rng(4)
    sums = rng.normal(size=(6000, 3))
    odds = regression.softmax(sums)
    classes = np.array([rng.choice(3, p=row) for row in odds])
    noise = rng.normal(size=(6000, 3))
    scales, shift = train.calibration([3 * sums + np.array([0.0, 1.0, 0.0]), noise], classes, np.ones(6000))
    assert scales == pytest.approx([1 / 3, 0], abs=0.02)
    assert (shift[1] - shift[0]) == pytest.approx(-1 / 3, abs=0.1)


def test_a_network_learns_what_no_straight_line_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BATCH", 64)
    rng = np.random.default_rng(6)
    dense = rng.normal(size=(1500, 2)).astype(np.float32)
    classes = (np.sign(dense[:, 0]) * np.sign(dense[:, 1]) + 1).astype(np.intp)  # corners that lie across
    language = rng.integers(0, 2, size=1500)
    lesson = network.Lesson(dense * 5 + 3, classes, np.ones(1500, dtype=np.float32), language)
    shape = network.Shape(hidden=24, networks=2, rounds=40, dropped_inputs=0, dropped=0)
    one, again = (network.learned(lesson, 2, shape) for _ in range(2))
    told = one.sums(lesson.dense, language).argmax(axis=1)
    assert np.mean(told == classes) > 0.9
    assert all((left == right).all() for left, right in zip(one, again, strict=True))


def _learned(words: Callable[[int], str], language: str) -> list[Example]:
    plain = [(PRAISE, 2), (SCORN, 0), (NEWS, 1)]
    return [Example(language, f"{text} {words(at)}", label, "toy") for at in range(20) for text, label in plain]


def test_a_head_learns_keeps_and_tells_the_same_again(tmp_path: Path) -> None:
    known = [*_learned(lambda at: f"so {at}", "en"), *_learned(lambda at: f"ja {at * 7}", "de")]
    dense = np.random.default_rng(5).normal(size=(len(known), 8)).astype(np.float32) / 3
    choices = train.Choices(bits=12, steps=40, network=network.Shape(hidden=8, networks=2, rounds=4))
    first, second = (train.trained(train.numbers(known, dense, choices), choices) for _ in range(2))
    path = tmp_path / "toy.npz"
    about = heads.write(path, first.head)
    assert heads.write(tmp_path / "again.npz", second.head).digest == about.digest
    read = heads.read(path)
    assert read.languages == about.languages == ("de", "en")
    assert read.bits == 12

    asked = features([f"{PRAISE} now", f"{SCORN} now", f"{NEWS} now"], 12)
    odds = read.odds(np.zeros((3, 8), dtype=np.float32), asked, np.array([1, 1, 0]))
    assert odds.argmax(axis=1).tolist() == [2, 0, 1]
    assert odds.sum(axis=1) == pytest.approx(1)
    told = figures.cross_validated(known, first.unseen)["toy (de)"]
    assert told["n"] == 60
    assert told["macro-F1"] > 0.9


def test_a_damaged_file_of_numbers_is_told(tmp_path: Path) -> None:
    known = _learned(str, "en")
    dense = np.zeros((len(known), 2), dtype=np.float32)
    choices = train.Choices(bits=8, steps=3, network=network.Shape(hidden=2, networks=1, rounds=1))
    path = tmp_path / "toy.npz"
    heads.write(path, train.trained(train.numbers(known, dense, choices), choices).head)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=r"toy\.npz is damaged: its digest is not the one in toy\.json"):
        heads.read(path)


def test_the_figures_are_those_that_one_would_count() -> None:
    classes = np.array([0, 0, 1, 1, 2, 2])
    odds = np.eye(3)[[0, 2, 1, 1, 2, 1]]
    told = figures.figures(classes, odds)
    assert told["accuracy"] == pytest.approx(4 / 6, abs=1e-4)
    assert told["macro-recall"] == pytest.approx((0.5 + 1 + 0.5) / 3, abs=1e-4)
    assert told["macro-F1"] == pytest.approx((2 / 3 + 4 / 5 + 1 / 2) / 3, abs=1e-4)
    assert told["flips"] == pytest.approx(1 / 6, abs=1e-4)
    assert told["calibration error"] == pytest.approx(2 / 6, abs=1e-4)
