"""How far the two readers of the sentiment gold set agree, and what the set is made of.

    python tests/gold/agreement.py

Cohen's kappa: (observed - expected) / (1 - expected) agreement, expected from each reader's own shares.
Source: J. Cohen (1960), Educ. Psychol. Meas. 20, 37-46.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sentiment"
HALVES = ("first", "second")
CLASSES = ("positive", "neutral", "negative")

Row = dict[str, Any]


def rows(half: str) -> list[Row]:
    """Return the posts of one half: id, language, title, genres, traits, text, readers' labels, label."""
    return [json.loads(line) for line in path(half).read_text(encoding="utf-8").splitlines()]


def path(half: str) -> Path:
    """Return where a half lies."""
    return FOLDER / f"{half}.jsonl"


def digest(half: str) -> str:
    """Return what a half is known by."""
    return hashlib.sha256(path(half).read_bytes()).hexdigest()[:16]


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two readers' labels."""
    observed = sum(one == other for one, other in pairs) / len(pairs)
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(ones[label] * others[label] for label in CLASSES) / len(pairs) ** 2
    return (observed - expected) / (1 - expected)


def main() -> None:
    """Print it."""
    posts = [row for half in HALVES for row in rows(half)]
    pairs = [(row["readers"][0], row["readers"][1]) for row in posts]
    print(f"{len(posts)} posts, kappa {kappa(pairs):.3f}, the same label {sum(a == b for a, b in pairs)}")
    for language, count in Counter(row["language"] for row in posts).most_common():
        own = [(row["readers"][0], row["readers"][1]) for row in posts if row["language"] == language]
        print(f"  {language}: {count} posts, kappa {kappa(own):.3f}")
    print("labels:", dict(Counter(row["label"] for row in posts)))
    print("traits:", dict(Counter(trait for row in posts for trait in row["traits"])))
    for half in HALVES:
        print(f"{half}: {len(rows(half))} posts, digest {digest(half)}")


if __name__ == "__main__":
    main()
