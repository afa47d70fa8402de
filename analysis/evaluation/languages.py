"""How often does the language labeller find the language? Of posts of which the language is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.evaluation.metrics import DIGITS
from analysis.evaluation.scoring import Judged
from analysis.labeller import UNKNOWN, LabelInput
from analysis.labellers.language import Language
from collector.config import Config

COMPOSITE = Path("language", "composite_short_posts.tsv")
ROMANISED = "hi"  # in Latin letters there, which has no code of its own: undetermined is right


def found(
    labeller: Language, posts: Sequence[Judged], tags: Sequence[str | None] | None = None
) -> tuple[list[str], float]:
    """Return the language found for each post, and the share that is right. tags: what the platform says."""
    told = tags or [None] * len(posts)
    labels = labeller.label([
        LabelInput(number, post.text, tag) for number, (post, tag) in enumerate(zip(posts, told, strict=True))
    ])  # fmt: skip
    said = [label.language for label in labels]
    right = sum(one == post.language for one, post in zip(said, posts, strict=True))
    return said, round(right / max(len(posts), 1), DIGITS)


def told(data: Path) -> dict[str, Any] | None:
    """Return figures on the short posts of a data folder, without and with the platform's tag; None without them."""
    path = data / COMPOSITE
    if not path.is_file():
        return None
    rows = [line.split("\t", 2) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    posts = [Judged(text, language, "neutral") for language, _, text in rows]
    native = [post for post in posts if post.language != ROMANISED]
    labeller = Language(Config())
    return {
        "alone": _figures(labeller, native, None),
        "with_tag": _figures(labeller, native, [post.language for post in native]),
        "romanised": _figures(labeller, [post for post in posts if post.language == ROMANISED], None),
    }


def _figures(labeller: Language, posts: Sequence[Judged], tags: Sequence[str | None] | None) -> dict[str, float | int]:
    """right: of all; decided: how many are not undetermined; right_of_decided."""
    said, right = found(labeller, posts, tags)
    decided = [(one, post.language) for one, post in zip(said, posts, strict=True) if one != UNKNOWN]
    right_of_decided = sum(one == other for one, other in decided) / max(len(decided), 1)
    return {
        "posts": len(posts), "right": right, "decided": len(decided),
        "right_of_decided": round(right_of_decided, DIGITS),
    }  # fmt: skip
