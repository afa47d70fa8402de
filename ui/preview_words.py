"""A preview as data and in words. Pure. No text of X leaves here, nor of any platform that lets none leave."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector.preview import Heard
from collector.source import Kind
from collector.sources import terms

if TYPE_CHECKING:
    from analysis.meaning import Meaning
    from ui.previewing import Preview

FEW = 30
SAMPLES, LONGEST_SAMPLE = 3, 160  # of each source; characters
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECENT = 30 * DAY  # of page views
MARKS = 8


def document(found: "Preview") -> dict[str, Any]:
    """Return a preview as one JSON document."""
    title = found.title
    return {
        "title": title.name,
        "names": {"hashtags": title.hashtags, "phrases": title.phrases, "exclude": title.exclude},
        "sources": [_source(heard) for heard in found.heard],
        "not_asked": dict(found.not_asked),
        "stored": _stored(found),
        "x": _x(found),
        "meanings": [_meaning(row) for row in found.meanings],
        "samples": [*_samples(found)],
    }


def _source(heard: Heard) -> dict[str, Any]:
    told: dict[str, Any] = {"source": heard.source, "platform": heard.platform, "kind": heard.kind.value}
    if heard.kind is Kind.COUNTS:
        return told | {"views_a_day": _views(heard), "notes": list(heard.notes)}
    n, since, until = len(heard.within), heard.since, heard.until
    hours = (until - since) / HOUR if since and until else 0.0
    return told | {
        "read": heard.read,
        "matched": len(heard.posts),
        "unreadable": heard.unread,
        "since": _iso(since),
        "until": _iso(until),
        "n": n,
        "posts_an_hour": round(n / hours, 4) if hours else None,
        "posts_a_day": round(n / hours * 24, 4) if hours else None,
        "notes": list(heard.notes),
    }


def _views(heard: Heard) -> dict[str, float]:
    """Return the mean page views a day of each article over its last 30 counted days."""
    last = max((told.start for told in heard.counts), default=None)
    recent = [told for told in heard.counts if last and told.start > last - RECENT]
    days = Counter(told.part for told in recent)
    views: Counter[str] = Counter()
    for told in recent:
        views[told.part] += told.amount
    return {article: round(views[article] / days[article], 1) for article in days}


def _stored(found: "Preview") -> dict[str, Any]:
    if found.stored is None:
        return {"posts": None, "note": found.store_note}
    frame = found.stored
    of_others = Counter(name for names in frame["titles"] for name in names if name != found.title.name)
    return {
        "posts": len(frame),
        "of_no_title": int(sum(not names for names in frame["titles"])),
        "by_platform": {str(name): int(many) for name, many in frame["platform"].value_counts().items()},
        "of_other_titles": dict(of_others.most_common()),
        "first": _iso(frame["created_at"].min()) if len(frame) else None,
        "last": _iso(frame["created_at"].max()) if len(frame) else None,
        "note": "",
    }


def _x(found: "Preview") -> dict[str, Any]:
    told: dict[str, Any] = {"a_count_usd": found.count_usd, "hours": len(found.hours), "note": found.x_note}
    if found.spending is None:
        return told | {"posts_a_month": None, "month": None}
    month = found.spending
    return told | {
        "posts_a_month": round(month.posts),
        "month": {
            "counts_usd": round(month.counts_usd, 4),
            "all_posts_usd": round(month.all_usd, 4),
            "within_budget_usd": round(month.month_usd, 4),
            "posts_read": round(month.read),
            "share_read": round(month.share, 4),
        },
    }


def _meaning(row: "Meaning") -> dict[str, Any]:
    told = {"name": row.name, "n": row.n, "shows_the_title": row.shown, "unclear": row.unclear}
    if row.elsewhere is None:
        return told | {"elsewhere": None, "why": row.why, "beside": list(row.beside)}
    return told | {
        "elsewhere": row.elsewhere,
        "share": round(row.elsewhere / row.n, 4),
        "low": round(row.low or 0.0, 4),
        "high": round(row.high or 0.0, 4),
        "at_most": round((row.elsewhere + row.unclear) / row.n, 4),
        "marks": [{"word": word, "n": many} for word, many in row.marks[:MARKS]],
        "beside": list(row.beside),
    }


def _samples(found: "Preview") -> Iterator[dict[str, Any]]:
    for heard in found.heard:
        posts = heard.posts if terms()[heard.platform].text_leaves else ()
        shown = [post for post in posts if post.text.strip()][:SAMPLES]
        for post in shown:
            yield {"source": heard.source, "at": _iso(post.created_at), "text": _line(post.text), "url": post.url}


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SAMPLE else f"{line[: LONGEST_SAMPLE - 1]}…"


def _iso(time: datetime | None) -> str | None:
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}"


# --- in words


def words(told: dict[str, Any]) -> str:
    """Return a preview's document as a person reads it; nothing was saved."""
    names = told["names"]
    called = [*(f"#{tag}" for tag in names["hashtags"]), *(f'"{phrase}"' for phrase in names["phrases"])]
    parts = [
        [f"{told['title']}: {', '.join(called)}"],
        ["", "Volume now:", *(line for source in told["sources"] for line in _of_source(source))],
        [f"  {name}: not asked; {why}" for name, why in told["not_asked"].items()],
        ["", "In the store already:", f"  {_of_store(told['stored'])}"],
        ["", "X:", f"  {_of_x(told['x'])}"],
        ["", "What the names mean:", *(line for row in told["meanings"] for line in _of_meaning(row))],
        ["", "Samples:", *(f"  {one['source']} {one['at'][:16]}: {one['text']}" for one in told["samples"])],
        ["", "Nothing of this was saved."],
    ]
    if not told["meanings"]:
        parts[5] = ["", "What the names mean: no post was found, so nothing can be told."]
    if not told["samples"]:
        parts[6] = []
    return "\n".join(line for part in parts for line in part)


def _of_source(source: dict[str, Any]) -> Iterator[str]:
    name, notes = source["source"], [f"    {note}" for note in source["notes"]]
    if source["kind"] == Kind.COUNTS.value:
        views = [f"{article} {many:,.0f}" for article, many in source["views_a_day"].items()]
        yield f"  {name}: " + (f"page views a day: {', '.join(views)}" if views else "—")
    elif source["posts_an_hour"] is None:
        yield f"  {name}: —"
    else:
        unit = "articles a day" if source["kind"] == Kind.NEWS.value else "posts an hour"
        rate = source["posts_a_day"] if source["kind"] == Kind.NEWS.value else source["posts_an_hour"]
        few = ", few" if source["n"] < FEW else ""
        span = f"{source['since'][:16].replace('T', ' ')} to {source['until'][:16].replace('T', ' ')} UTC"
        of = f"{source['matched']:,} of {source['read']:,} read have a name of the title"
        yield f"  {name}: {rate:,.2f} {unit} (n = {source['n']:,}{few}, {span}; {of})"
    yield from notes


def _of_store(stored: dict[str, Any]) -> str:
    if stored["posts"] is None:
        return f"— ({stored['note']})"
    if not stored["posts"]:
        return "no post of these names"
    platforms = ", ".join(f"{many:,} on {name}" for name, many in stored["by_platform"].items())
    others = ", ".join(f"{many:,} of {name}" for name, many in stored["of_other_titles"].items())
    none = f"; {stored['of_no_title']:,} of no title" if stored["of_no_title"] else ""
    span = f"{stored['first'][:10]} to {stored['last'][:10]}"
    return f"{stored['posts']:,} posts ({platforms}; {span}{f'; {others}' if others else ''}{none})"


def _of_x(told: dict[str, Any]) -> str:
    if told["note"]:
        return f"— ({told['note']})"
    if told["month"] is None:
        return f"— (--x asks for its hourly counts of 7 days: ${told['a_count_usd']:.3f})"
    month = told["month"]
    read = f"the budget reads about {month['posts_read']:,} of them ({month['share_read']:.0%})"
    return (
        f"about {told['posts_a_month']:,} posts a month (n = {told['hours']} counted hours); all of them would cost "
        f"${month['all_posts_usd']:,.2f} a month; {read} for ${month['within_budget_usd']:,.2f}, "
        f"${month['counts_usd']:,.2f} of it for counts"
    )


def _of_meaning(row: dict[str, Any]) -> Iterator[str]:
    if row["elsewhere"] is None:
        yield f"  {row['name']}: {row['why']}"
    else:
        yield (
            f"  {row['name']}: {row['share']:.0%} look like something else ({row['low']:.0%}–{row['high']:.0%}), "  # noqa: RUF001 - a range
            f"{row['at_most']:.0%} at most; {row['shows_the_title']:,} of {row['n']:,} texts show the title"
        )
        if row["marks"]:
            marked = ", ".join(f"{mark['word']} ({mark['n']:,})" for mark in row["marks"])
            yield f"    words that point elsewhere, for exclude: {marked}"
    if row["beside"]:
        yield f"    words that come with it more than with other names: {', '.join(row['beside'])}"
