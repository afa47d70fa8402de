"""A bounded memory of what was worked out for a word: people repeat themselves. Pure."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


class Memory(dict[str, Value]):
    """Values by word, each worked out once for as long as the word keeps coming.

    Holds at most twice `size` words. A full memory becomes the older half, and what is asked for again is taken out of
    it: common words stay, those that came once (links, handles, slips of the pen) fall out.
    """

    def __init__(self, work_out: Callable[[str], Value], size: int) -> None:
        super().__init__()
        self._work_out = work_out
        self._size = size
        self._older: dict[str, Value] = {}

    def __missing__(self, word: str) -> Value:
        older = self._older
        value = older[word] if word in older else self._work_out(word)
        if len(self) >= self._size:
            self._older = dict(self)
            self.clear()
        self[word] = value
        return value
