"""What the figures look like: a page of the docs, and lines on a terminal. Pure but for `store` and `stored`."""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.evaluation.gold import SARCASM
from analysis.evaluation.published import PUBLISHED
from analysis.evaluation.scoring import AUTO, ENGINES, LEXICON, STOCK
from collector.errors import InputError

Told = Mapping[str, Any]
HEAD = """\
<!-- Written by `buzz evaluate --write docs/accuracy.md` from docs/accuracy.json: do not edit. -->
# How good the labels are

Measured on {date} with labeller `sentiment/{labeller}`{most}. *Stock* is the package vaderSentiment as it is; *word
list* is VADER with names masked and what fans mean, which is how Buzzchart comes; *Buzzchart* is with the multilingual
model (`[sentiment] engine = "auto"`): the word list where it is clear, the model elsewhere.

- **accuracy**: how many of the scored posts have the right class. **flips**: how many of them have the opposite one.
- **net error**: how far positive less negative of the scored posts is from that of all posts.
- **coverage**: how many posts are scored; the others are "unscored", and never counted as neutral.
- **macro-F1**, **macro-recall**: means over the classes; an unscored post counts as missed. **r**: correlation of the
  scores with the mean of people's ratings.
- **posts/s**: posts in a second of one processor's time, on a machine that did other things as well; texts that the
  model has seen in another set are remembered.
- *n* is the number of posts. "—" is where there is nothing to count.
"""
GOLD = """\
## Posts written for this project

Invented posts about horror and other shows, in eleven languages (`tests/gold/sentiment`). The rules were made while
reading the first half; **the second half's figures are the ones to go by**, with these limits:

- Nine posts of the second half had been seen before the words of fans were written. They are left out of its figures.
- Of the two readers one is known to have seen guidelines and texts alone; of the other that cannot be shown. Both gave
  every post the label that its writer meant, so the posts are plainer than real ones: **take the accuracy for an upper
  bound**, and measure your own posts with `buzz audit`.
- Writer and readers, and the writers of the model's own training posts, think alike. No training post is in the set.

The language is known here; where the labeller has to find it as well, that is told below each table.
"""
SETS = """\
## Real posts that others labelled

The folder of sets is named with `--data`. The parts are those that training leaves out: see the
[model card](model-card.md). Sets differ in what they call neutral.
"""
CANNOT = """\
## What Buzzchart cannot do

- **Sarcasm.** It reads what is written and not what is meant; the tables have it apart.
- **Feeling without words for it**: "bought the webtoon, all volumes". The model gets some of it, the word list none.
- **Languages that the model was not trained on**, such as Chinese, and Hindi in Latin letters: unscored. Japanese and
  the posts of fans in other languages were learned from one or two hundred invented posts each.
- **A verdict on one post.** Shares of many posts carry intervals that allow for these errors ([method](method.md));
  a single label is a guess that is right as often as the tables say. `buzz audit` measures it on your own posts.
"""
LICENCES = """\
## The sets

None of their texts is in Buzzchart, in its docs or in its pictures. What was learned from some of them is numbers over
hashed and embedded features; "for research" marks sets whose texts come without a licence of their own.
"""
HEADS = ("n", "coverage", "accuracy", "flips", "net error", "macro-F1", "macro-recall", "posts/s", "r")
KEYS = ("posts", "coverage", "accuracy", "flips", "net_error", "macro_f1", "macro_recall", "posts_per_second", "r")
NAMES = {STOCK: "stock", LEXICON: "word list", AUTO: "Buzzchart"}
SHORT = {"macro_recall": "macro-recall", "macro_f1": "macro-F1", "r": "r"}


def store(report: Told, page: Path) -> None:
    """Write the page and, beside it, the figures as JSON. Raises InputError where that cannot be."""
    try:
        text = json.dumps(report, ensure_ascii=False, indent=1)
        page.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        page.write_text(render(report), encoding="utf-8")
    except OSError as fault:
        raise InputError(f"{page} cannot be written: {fault}") from fault


def stored(page: Path) -> str:
    """Return what the figures beside a page render to."""
    return render(json.loads(page.with_suffix(".json").read_text(encoding="utf-8")))


def missing(report: Told) -> Iterator[str]:
    """Yield a sentence for each part that could not be measured."""
    if not report["gold"]:
        yield "the gold set is not here: it lies in the repository, in tests/gold/sentiment, and not in the package"
    if not report["sets"]:
        yield "no labelled sets were measured: name their folder with --data or BUZZ_DATA"


def summary(report: Told) -> str:
    """Return one line for each set and engine."""
    rows = [
        *((f"gold, {name} half", one["engines"]) for name, one in report["gold"].items()),
        *((name, one["engines"]) for name, one in report["sets"].items()),
        *([("umsab, 7 languages", report["umsab"])] if report["umsab"] else []),
    ]
    lines = [f"{'':24}{'':11}" + "".join(f"{head:>13}" for head in HEADS)]
    for name, engines in rows:
        for engine in filter(engines.__contains__, ENGINES):
            cells = "".join(f"{_number(engines[engine].get(key)):>13}" for key in KEYS)
            lines.append(f"{name:24}{NAMES[engine]:11}{cells}")
    return "\n".join([*lines, *_said_of_intervals(report)])


def render(report: Told) -> str:
    """Return the page, as Markdown."""
    most = f", at most {report['most']:,} posts of each set" if report["most"] else ""
    parts = [HEAD.format(date=report["date"], labeller=report["labeller"], most=most), *_gold(report), *_sets(report)]
    parts += [*_intervals(report), *_languages(report), *_worst(report), CANNOT, *_licences(report)]
    return "\n".join(parts).rstrip() + "\n"


def _gold(report: Told) -> Iterator[str]:
    if not report["gold"]:
        return
    yield GOLD
    for name, half in report["gold"].items():
        yield f"### The {name} half\n"
        yield _engines(half["engines"])
        found = half["language_found"]
        yield (
            f"In English, Buzzchart is right on {_points(half['english_gain'])} of a hundred posts more than stock. "
            f"Where it has to find the language, it finds it for {_number(found['right'])} of the posts, "
            f"scores {_number(found['coverage'])} and is right on {_number(found['accuracy'])} of those.\n"
        )
        yield "By language and by what makes a post hard (*sarcasm* is apart, and among all posts above):\n"
        apart = {**half["languages"], f"all but {SARCASM}": half["without_sarcasm"], **half["traits"]}
        yield _beside(apart)


def _sets(report: Told) -> Iterator[str]:
    if not report["sets"]:
        return
    yield SETS
    rows = [
        [one["about"] if engine == STOCK else "", NAMES[engine], *_cells(one["engines"][engine])]
        for one in report["sets"].values()
        for engine in ENGINES
        if engine in one["engines"]
    ]
    yield _table(("set", "", *HEADS), rows)
    if report["umsab"]:
        means = " and ".join(
            f"{_number(report['umsab'][name]['macro_f1'])} ({NAMES[name]})" for name in (STOCK, AUTO)
        )  # fmt: skip
        yield f"UMSAB, mean macro-F1 of its seven languages in native script: {means}. Its Hindi is in Latin letters.\n"
    two_way = [(one["about"], one["engines"][AUTO]) for one in report["sets"].values()]
    for about, told in two_way:
        if "two_way_f1" in told:
            yield f"{about} knows no neutral: by the sign of the score, macro-F1 is {_number(told['two_way_f1'])}.\n"
    yield "### Beside published figures\n"
    yield _table(("set", "system", "figure", "theirs", "ours", "source"), [*_published(report)])


def _published(report: Told) -> Iterator[list[str]]:
    for one in PUBLISHED:
        if ours := _ours(report, one.set_name, one.figure):
            about = "UMSAB" if one.set_name == "umsab" else report["sets"][one.set_name]["about"]
            yield [about, one.system, SHORT[one.figure], _number(one.number), ours, one.source]


def _ours(report: Told, name: str, figure: str) -> str | None:
    engines = report["umsab"] if name == "umsab" else report["sets"].get(name, {}).get("engines")
    return _number(engines[AUTO].get(figure)) if engines else None


def _intervals(report: Told) -> Iterator[str]:
    if not report["intervals"]:
        return
    told = report["intervals"]
    yield "## Whether intervals hold\n"
    yield (
        f"{told['shows']:,} shows of {told['posts']:,} posts each were drawn of the real posts above "
        f"({', '.join(told['languages'])}), in mixes that are known, the posts of one author being alike; "
        f"{told['labelled']:,} other posts of each language had been labelled to learn the errors from. How often "
        "the 95 % interval held the truth, and how far off the share was; beside it the plain share of classified "
        "posts with the interval that rivals print. `benchmarks/shares.py` tells more cases.\n"
    )
    rows = [
        [name, *(_number(one[part]) for part in ("held", "error", "width", "naive_held", "naive_error"))]
        for name, one in told["figures"].items()
    ]
    yield _table(("share", "held", "mean error", "width", "plain held", "plain error"), rows)


def _languages(report: Told) -> Iterator[str]:
    if not report["languages"]:
        return
    yield "## Which language\n"
    yield "Short posts in 13 languages. *Decided* are those that are not left undetermined.\n"
    names = {
        "alone": "the text alone", "with_tag": "with the platform's tag", "romanised": "Hindi in Latin letters, alone"
    }  # fmt: skip
    rows = [
        [name, str(one["posts"]), _number(one["right"]), str(one["decided"]), _number(one["right_of_decided"])]
        for key, name in names.items()
        for one in [report["languages"][key]]
    ]
    yield _table(("", "n", "right of all", "decided", "right of decided"), rows)


def _worst(report: Told) -> Iterator[str]:
    if not report["worst"]:
        return
    yield "## The worst errors\n"
    yield "Of the gold set's first half, those given the opposite class most firmly. The posts are invented.\n"
    rows = [
        [one["language"], _text(one["text"]), one["true"], f"{one['given']} {one['score']:+.2f}",
         _text(", ".join(one["why"])), ", ".join(one["traits"])]
        for one in report["worst"]
    ]  # fmt: skip
    yield _table(("", "post", "meant", "given", "because of", "hard by"), rows)


def _licences(report: Told) -> Iterator[str]:
    yield LICENCES
    rows = [
        [one["about"], one["part"], one["licence"], _number(one["engines"][AUTO]["posts"])]
        for one in report["sets"].values()
    ]  # fmt: skip
    if rows:
        yield _table(("set", "part measured", "licence", "n"), rows)


# --- pieces


def _engines(engines: Told) -> str:
    return _table(("", *HEADS[:-1]), [[NAMES[name], *_cells(engines[name])[:-1]] for name in ENGINES])


def _beside(groups: Told) -> str:
    """Return a table of some figures of stock and of ours for each group of posts."""
    rows = [
        [name, str(one[AUTO]["posts"]), *(_number(one[STOCK][key]) for key in ("accuracy", "flips")),
         *(_number(one[AUTO][key]) for key in ("accuracy", "flips", "net_error", "coverage"))]
        for name, one in groups.items()
    ]  # fmt: skip
    heads = ("", "n", "stock accuracy", "stock flips", "accuracy", "flips", "net error", "coverage")
    return _table(heads, rows)


def _cells(told: Told) -> list[str]:
    return [_number(told.get(key)) for key in KEYS]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([*lines, ""])


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}"


def _points(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:.0f}"


def _text(written: str) -> str:
    """Escape a post for a cell of a table."""
    plain = html.escape(" / ".join(written.splitlines()), quote=False)
    return "".join(f"\\{char}" if char in "|*_`[]#~\\" else char for char in plain)


def _said_of_intervals(report: Told) -> Iterator[str]:
    if report["intervals"]:
        net = report["intervals"]["figures"]["net"]
        yield (
            f"intervals of net sentiment held in {net['held']:.1%} of {report['intervals']['shows']:,} shows "
            f"(mean error {net['error']:.3f}); the plain ones in {net['naive_held']:.1%} ({net['naive_error']:.3f})"
        )
