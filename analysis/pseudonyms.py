"""Takes out of a text what names a person or leads to one: handles, mail addresses and links. Pure.

The words stay as they were written, so a public post can still be found by searching for them.
"""

import re

HANDLE = "@…"
LINK = "[link]"

# parts of names are bounded, so that no text, however long, takes longer than its length
_LABELS = r"(?<![\w-])(?:[\w-]{1,63}\.){1,8}"
_LINK = re.compile(r"(?:https?|at|ftp)://\S+|\bwww\.\S+|\bdid:[a-z]+:[\w.:%-]+", re.IGNORECASE)
_BARE_LINK = re.compile(_LABELS + r"[\w-]{1,63}/\S+")  # platforms write links without a scheme as well
_MAIL = re.compile(r"[@＠]?[\w.+-]{1,64}[@＠](?:[\w-]{1,63}\.){1,8}[\w-]{1,63}")  # noqa: RUF001 - the wide @ is meant
_HANDLE = re.compile(r"[@＠][\w-]+(?:[.@＠][\w-]+)*")  # noqa: RUF001 - as above
_DOMAIN_HANDLE = re.compile(_LABELS + r"bsky\.social\b", re.IGNORECASE)
_REDDIT = re.compile(r"(?<![\w/])/?u/[\w-]+")


def mask(text: str) -> str:
    """Replace links by [link], handles and mail addresses by @…; hashtags and all other words stay."""
    for pattern, mark in (
        (_LINK, LINK),
        (_BARE_LINK, LINK),
        (_MAIL, HANDLE),
        (_HANDLE, HANDLE),
        (_DOMAIN_HANDLE, HANDLE),
        (_REDDIT, HANDLE),
    ):
        text = pattern.sub(mark, text)
    return text
