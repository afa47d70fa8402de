"""Labelling by hand in a terminal: posts one by one, a key each, blind to what the labeller gave. Pure.

What is shown of a post is escaped and set in, so that no text can look like a line of ours.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from ui.console import printable

Class = Literal["positive", "neutral", "negative"]
CLASSES: dict[str, Class] = {"p": "positive", "n": "negative", "u": "neutral"}
HELP = "p positive, n negative, u neutral, s skip, x sarcasm, ? not sure, b back, q quit"
EDGE = "  │ "


class Shown(NamedTuple):
    """A post to label; `edited_at` is that of the text."""

    post_id: int
    platform: str
    created_at: datetime
    titles: tuple[str, ...]
    text: str
    edited_at: int | None
    invented: bool


class Said(NamedTuple):
    """What the person says of it."""

    sentiment: Class
    sarcasm: bool
    unsure: bool


class Walked(NamedTuple):
    """How many posts were labelled, each once, and how many were passed over."""

    labelled: int
    skipped: int


Save = Callable[[Shown, Said], bool]


def walk(posts: Sequence[Shown], keys: Iterable[str], say: Callable[[str], None], save: Save) -> Walked:
    """Show the posts and take a key for each; every label is saved at once.

    keys: one character at a time; their end is as "q". save: returns whether the post is still as it was shown.
    """
    pressed = iter(keys)
    done: set[int] = set()
    skipped: set[int] = set()
    at = 0
    while at < len(posts):
        say(_post(posts[at], at + 1, len(posts)))
        step = _one(posts[at], pressed, say, save)
        if step is None:
            break
        if step == "back":
            at = max(0, at - 1)
            continue
        (done if step == "labelled" else skipped).add(at)
        at += 1
    return Walked(len(done), len(skipped - done))


def _one(post: Shown, keys: Iterable[str], say: Callable[[str], None], save: Save) -> str | None:
    """Take keys until the post is done with: "labelled", "skipped", "back"; None to stop."""
    sarcasm = unsure = False
    for key in keys:
        pressed = key.lower()
        if pressed in CLASSES:
            said = Said(CLASSES[pressed], sarcasm, unsure)
            if save(post, said):
                say(f"  {said.sentiment}{', sarcasm' * sarcasm}{', not sure' * unsure}")
                return "labelled"
            say("  The post has changed or gone this very moment: passed over.")
            return "skipped"
        match pressed:
            case "s":
                return "skipped"
            case "b":
                return "back"
            case "q":
                return None
            case "x":
                sarcasm = not sarcasm
                say(f"  sarcasm: {'yes' if sarcasm else 'no'}")
            case "?":
                unsure = not unsure
                say(f"  not sure: {'yes' if unsure else 'no'}")
            case _:
                say(f"  {HELP}")
    return None


def _post(post: Shown, number: int, of: int) -> str:
    parts = [f"{number} of {of}", post.platform, f"{post.created_at:%Y-%m-%d}", ", ".join(post.titles)]
    head = " · ".join(part.replace("\n", " ") for part in parts if part)
    note = " · invented sample post" if post.invented else ""
    lines = printable(post.text).replace("\t", " ").splitlines() or [""]
    return "\n".join(["", printable(head) + note, *(EDGE + line for line in lines)])
