"""What was worked out for a word is kept while the word keeps coming, and no more than was allowed."""

from analysis.memory import Memory


def test_each_word_is_worked_out_once() -> None:
    asked: list[str] = []
    memory = Memory(lambda word: asked.append(word) or len(word), size=10)  # type: ignore[func-returns-value]
    assert [memory[word] for word in ("love", "it", "love", "it")] == [4, 2, 4, 2]
    assert asked == ["love", "it"]


def test_common_words_stay_and_the_memory_stays_small() -> None:
    asked: list[str] = []
    memory = Memory(lambda word: asked.append(word) or word.upper(), size=10)  # type: ignore[func-returns-value]
    for number in range(200):
        assert memory["the"] == "THE"
        assert memory[f"once{number}"] == f"ONCE{number}"
        assert len(memory) <= 10
        assert len(memory._older) <= 10
    assert asked.count("the") == 1
