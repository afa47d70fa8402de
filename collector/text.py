"""Plain text out of what platforms send, words and hashtags out of plain text. Pure."""

import html
import re
import unicodedata
from html.parser import HTMLParser

# vowel and tone signs, which Python's \w leaves out although Thai, Hindi, Tamil, Arabic … cannot be written without
MARKS = "".join(chr(code) for code in range(0x0300, 0x3100) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
JOINERS = "\u200c\u200d"
INSIDE = rf"[\w{MARKS}{JOINERS}]*"
# one or more letters, then signs and letters as INSIDE has them; a plain \w+ is read several times quicker
_RUN = rf"\w+(?:[{MARKS}{JOINERS}]+\w*)*"
# what a hashtag may not follow is asked behind its sign: a pattern that begins with a sign is found quicker
HASHTAG = re.compile(rf"[#＃](?<![\w&/{MARKS}].)({_RUN})", re.DOTALL)  # noqa: RUF001 - the wide # is used in Japan
WORD = re.compile(rf"{_RUN}(?:['’]{_RUN})*")  # noqa: RUF001 - the curly apostrophe is what phones type
_BLANKED = bytes(code if chr(code).isalnum() or chr(code) in "_'" else ord(" ") for code in range(256))
_LOOSE = re.compile(r"'(?:(?!\w)|(?<!\w'))", re.ASCII)  # an apostrophe that is not inside a word
# Chinese, Japanese, Korean and Thai write words without spaces, or glue particles to them
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
BREAKS = {"br", "p", "div", "li", "blockquote"}
MAX_TEXT = 20_000  # the longest post that any platform allows is shorter; what is longer is cut


def fold(text: str) -> str:
    """Bring text to the form in which names, hashtags and phrases are compared: NFKC, casefolded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def is_unspaced(text: str) -> bool:
    """Tell whether the text holds a script that does not set words apart by spaces."""
    return UNSPACED.search(text) is not None


def words(text: str) -> list[str]:
    """Split folded text into words, apostrophes inside kept, everything else dropped."""
    if not text.isascii():
        return WORD.findall(text)
    # bytes to bytes is several times quicker than any pattern
    blanked = text.encode().translate(_BLANKED).decode()
    return (_LOOSE.sub(" ", blanked) if "'" in blanked else blanked).split()


def hashtags(text: str) -> list[str]:
    """Return the hashtags in a text as written, without '#', in order."""
    # most texts have none, and the search for one is ten times the cost of seeing that
    return HASHTAG.findall(text) if "#" in text or "＃" in text else []  # noqa: RUF001 - the wide # is meant


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's form
        if tag in BREAKS and self.parts:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(markup: str) -> str:
    """Turn a platform's HTML into plain text: tags dropped, paragraphs and breaks as new lines, entities resolved."""
    parser = _Plain()
    parser.feed(markup)
    parser.close()
    return clean("".join(parser.parts))


def clean(text: str) -> str:
    """Make text safe to store on every database: no NUL, no lone surrogates, trimmed, of bounded length."""
    text = text.replace("\x00", "").strip()[:MAX_TEXT]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def unescape(text: str) -> str:
    """Resolve the entities that X writes into plain text (&amp; &lt; &gt;)."""
    return html.unescape(text)
