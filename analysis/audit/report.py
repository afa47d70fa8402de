"""What the audits say of the labellers in force, as one document and in words. Pure, but for loading the labellers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis.audit import estimates
from analysis.audit.agreement import Agreement, agreements
from analysis.audit.estimates import Counted, Estimate, Trend
from analysis.confusion import CLASSES, shipped
from analysis.confusion import in_force as adjusting
from analysis.sentiment import FEW
from collector.config import Config

Document = dict[str, Any]
ALL = "all"  # the languages together
SHOWN = 12  # months or languages told one by one


class InForce(NamedTuple):
    """The labeller of sentiment as the config has it: its signature, and what scores a language under it."""

    labeller: str
    engine: Callable[[str], str]


def in_force(config: Config) -> InForce:
    """Return the labeller of a config. Raises ConfigError."""
    from analysis.labellers.sentiment import Sentiments  # noqa: PLC0415 - loading VADER takes longer than a report
    from analysis.labelling import Labelling  # noqa: PLC0415 - as above

    return InForce(Labelling(config).versions["sentiment"], Sentiments(config).engine)


def document(labels: pd.DataFrame, items: pd.DataFrame, samples: pd.DataFrame, now: InForce) -> Document:
    """Return all that the labels say, as JSON can hold it.

    labels, items, samples: the frames of analysis.frames.audits; of `items` those of the samples that are to count.
    """
    everything = estimates.labelled_posts(labels, items)
    is_theirs = everything["given_by"] == now.labeller
    posts = estimates.weighed(everything[is_theirs])
    counted = labels[labels["is_current"]]
    return {
        "labeller": now.labeller,
        "samples": [_sample(row, everything) for row in samples.to_dict("records")],
        "people": {str(who): int(count) for who, count in counted["who"].value_counts().items()},
        "labels": len(counted),
        "posts": len(everything),
        "invented": int(posts["invented"].sum()),
        "left_out": {
            "outside_samples": int((~counted["post_id"].isin(items["post_id"])).sum()),
            "edited_since": int((~labels["is_current"]).sum()),
            "other_labeller": int((~is_theirs).sum()),
            "unscored": int((posts["given"] == "unscored").sum()),
        },
        "accuracy": _told(estimates.accuracy(posts)),
        "by_language": _all_told(estimates.by_group(posts, "language")),
        "by_given": _all_told(estimates.by_given(posts)),
        "by_said": _all_told(estimates.by_said(posts)),
        "by_sarcasm": _by_sarcasm(posts),
        "unsure": int(posts["unsure"].sum()),
        "confusion": _confusions(posts),
        "agreement": [_agreement(one) for one in agreements(labels)],
        "drift": {
            "by_month_of_post": _drift(posts, "created_at", "given"),
            "by_month_of_label": _drift(everything, "at", "given_then"),
        },
        "adjustment": _adjustment(everything, now),
    }


def _sample(row: Mapping[Any, Any], posts: pd.DataFrame) -> Document:
    told = {name: None if pd.isna(value) else value for name, value in row.items()}
    for name in ("drawn_at", "since", "until"):
        told[name] = f"{told[name]:%Y-%m-%dT%H:%M:%SZ}" if told[name] is not None else None
    return told | {"labelled": int((posts["sample_id"] == row["sample_id"]).sum())}


def _told(one: Estimate) -> Document:
    told: Document = {"posts": one.posts, "right": round(one.right, 1), "few": one.is_few}
    return told | {name: _rounded(value) for name, value in zip(("share", "low", "high"), one[2:], strict=True)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _all_told(found: Mapping[str, Estimate]) -> Document:
    return {name: _told(one) for name, one in found.items()}


def _by_sarcasm(posts: pd.DataFrame) -> Document:
    is_meant = posts["sarcasm"].astype(bool)
    parts = {"sarcasm": posts[is_meant], "others": posts[~is_meant]}
    return _all_told({name: estimates.accuracy(part) for name, part in parts.items()})


def _confusions(posts: pd.DataFrame) -> Document:
    groups = {str(language): group for language, group in posts.groupby("language")}
    return {name: _counted(estimates.counted(group)) for name, group in ({ALL: posts} | groups).items()}


def _counted(one: Counted) -> Document:
    return {"posts": one.posts, "plain": estimates.rounded(one.plain), "weighted": estimates.rounded(one.weighted)}


def _agreement(one: Agreement) -> Document:
    return one._asdict() | {name: _rounded(getattr(one, name)) for name in ("kappa", "low", "high")}


def _drift(posts: pd.DataFrame, moment: str, given: str) -> Document:
    found = estimates.trend(posts, moment, given)
    return {"months": _all_told(estimates.by_month(posts, moment, given)), "trend": _trend(found)}


def _trend(found: Trend | None) -> Document | None:
    if found is None:
        return None
    return {name: round(value, 4) for name, value in found._asdict().items()} | {"is_one": found.is_one}


def _adjustment(posts: pd.DataFrame, now: InForce) -> list[Document]:
    """Return for each language what its shares are adjusted by: what Buzzchart brings, and the user's labels."""
    found = estimates.confusions(posts, now.engine, now.labeller)
    brought = {key: one for key, one in shipped().items() if now.engine(key[1]) == key[0]}
    labelled = {key: one.worth for key, one in found.items()}
    told: list[Document] = []
    for engine, language in sorted({*found, *brought}, key=lambda key: (key not in found, key)):
        own, theirs = found.get((engine, language)), brought.get((engine, language))
        used = adjusting([language], now.engine, labelled)[language]
        told.append(
            {
                "engine": engine,
                "language": language,
                "labelled": None if own is None else _counted(own) | {"worth": estimates.rounded(own.worth)},
                "brought": None if theirs is None else {one.name: one.posts for one in theirs.sources},
                "rates": estimates.rounded(used.rates, 4),
            }
        )
    return told


def sentences(told: Document) -> list[str]:
    """Return the document in words, a line each."""
    if not told["posts"]:
        return ["Nothing of a sample is labelled yet: `buzz audit label` shows the posts one by one.", *_left_out(told)]
    people = ", ".join(f"{who} {count:,}" for who, count in told["people"].items())
    lines = [f"{told['posts']:,} posts of {_many(len(told['samples']), 'sample')} are labelled (labels: {people})."]
    if told["invented"]:
        lines.append(f"{told['invented']:,} of them are invented sample posts.")
    lines.append(f"Given the right class: {_said(told['accuracy'])}.")
    lines += _listed("By language", told["by_language"])
    lines += _listed("Of the posts that are given a class, right", told["by_given"])
    lines += _listed("Of the posts that people give a class, found", told["by_said"])
    lines += _listed("Sarcasm, as people marked it", told["by_sarcasm"])
    lines += [line for name, one in told["confusion"].items() for line in _table(name, one, told["by_language"])]
    lines += [_agreed(one) for one in told["agreement"]]
    lines += _moved("month of the post", told["drift"]["by_month_of_post"])
    lines += _moved("month of the label, by the class given then", told["drift"]["by_month_of_label"])
    return [*lines, *_adjusted(told["adjustment"]), *_left_out(told)]


def _said(one: Document) -> str:
    if one["few"]:
        return f"too few to say ({one['right']:g} of {one['posts']})"
    return f"{one['share']:.1%} (95 %: {one['low']:.1%} to {one['high']:.1%}, n = {one['posts']:,})"


def _listed(head: str, found: Mapping[str, Document]) -> list[str]:
    lines = [f"  {name}: {_said(one)}" for name, one in found.items() if one["posts"]]
    more = [f"  and {len(lines) - SHOWN} more: --json has them"] if len(lines) > SHOWN else []
    return [f"{head}:", *lines[:SHOWN], *more] if lines else []


def _table(name: str, one: Document, languages: Document) -> list[str]:
    """Return a confusion as it was labelled; under 30 posts it says little, and one language is all of them."""
    if name != ALL and (one["posts"] < FEW or len(languages) == 1):
        return []
    lines = [f"Posts as labelled, {name} (rows: what people say; columns: the class given):"]
    lines.append(" " * 12 + "".join(f"{given:>10}" for given in CLASSES))
    rows = zip(CLASSES, one["plain"], strict=True)
    return [*lines, *(f"  {said:<10}" + "".join(f"{cell:>10g}" for cell in row) for said, row in rows)]


def _agreed(one: Document) -> str:
    said = f"{one['one']} and {one['other']} say the same of {one['same']:,} of {one['posts']:,} posts"
    if one["kappa"] is None:
        why = "too few" if one["posts"] < FEW else "chance explains all of it"
        return f"{said}; Cohen's kappa: {why}."
    return f"{said}; Cohen's kappa {one['kappa']:.2f} (95 %: {one['low']:.2f} to {one['high']:.2f})."


def _moved(what: str, found: Document) -> list[str]:
    if len(found["months"]) < 2:  # noqa: PLR2004 - one month has no other to compare with
        return []
    lines = _listed(f"By {what}", dict(list(found["months"].items())[-SHOWN:]))
    trend = found["trend"]
    if trend and trend["is_one"]:
        word = "better" if trend["slope"] > 0 else "worse"
        points = f"{abs(100 * trend['slope']):.1f} points a month"
        ends = " to ".join(f"{100 * trend[name]:+.1f}" for name in ("low", "high"))
        return [*lines, f"  It gets {word}, by {points} (95 %: {ends})."]
    return [*lines, "  No change that the labels could tell from chance."]


def _adjusted(found: Sequence[Document]) -> list[str]:
    own = [_own(one) for one in found if one["labelled"]]
    if not own:
        return ["No label of yours adjusts the shares yet; those of invented sample posts never do."]
    return ["Shares are adjusted by what Buzzchart brings and by your labels:", *own]


def _own(one: Document) -> str:
    worth = sum(map(sum, one["labelled"]["worth"]))
    brought = "" if one["brought"] else ", and by nothing else"
    posts = f"{one['labelled']['posts']:,} posts, worth {worth:.0f} drawn with equal chances"
    return f"  {one['language']} ({one['engine']}): {posts}{brought}"


def _left_out(told: Document) -> list[str]:
    words = {
        "outside_samples": "of posts outside of these samples",
        "edited_since": "of a text that was edited since",
        "other_labeller": "of posts that another labeller labelled: `buzz relabel`",
        "unscored": "of posts that are unscored now",
    }
    found = [f"{told['left_out'][name]:,} {said}" for name, said in words.items() if told["left_out"][name]]
    return [f"Not counted: {'; '.join(found)}."] if found else []


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
