"""What `buzz title preview` finds out: what sources tell, what is stored, what X would cost, what the names mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analysis.meaning import Meaning, Said, meanings
from analysis.spending import Spending, counting_usd, spending
from collector.collect import watch_of
from collector.config import Config, TitleSettings
from collector.errors import BusyError, BuzzError, StoreError
from collector.http import Http
from collector.preview import WAYS, Heard, Limits, Wait, listen
from ui.console import Console
from ui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from analysis.frames.reader import Reader

STORED = 5000  # posts looked at for each question to the index
NOT_ASKED = {"bluesky": "its stream passes by and cannot be asked; what it brought before is in the store"}


@dataclass
class Preview:
    """Everything that was found out about a title."""

    title: TitleSettings
    heard: list[Heard] = field(default_factory=list)
    stored: "pd.DataFrame | None" = None
    store_note: str = ""
    hours: Mapping[datetime, int] = field(default_factory=dict)
    x_note: str = ""
    spending: Spending | None = None
    count_usd: float = 0.0
    meanings: Sequence[Meaning] = ()
    not_asked: Mapping[str, str] = field(default_factory=dict)


def preview(
    workspace: Workspace, title: TitleSettings, limits: Limits, console: Console, *, ask_x: bool = False
) -> Preview:
    """Ask, look and compute. Writes nothing, but X's meter with `ask_x`."""
    http, found = Http(), Preview(title)
    config = workspace.config
    waits: dict[str, Wait] = {}
    try:
        with workspace.reader() as reader:
            waits = _waits(reader)
            found.stored = _stored(reader, title)
    except StoreError as fault:
        found.store_note = str(fault)
    with console.progress("Asking", float(len(WAYS))) as bar:
        for number, heard in enumerate(listen(config, title, http, limits, waits), start=1):
            found.heard.append(heard)
            bar.to(number)
    _ask_x(found, workspace, http, console, asked=ask_x)
    found.not_asked = {
        name: NOT_ASKED.get(name, "it is asked when it is collected from")
        for name, settings in config.sources.items()
        if settings.enabled and name not in {*WAYS, "x"}
    }
    found.meanings = meanings(title, _said(found, config))
    return found


def _waits(reader: "Reader") -> dict[str, Wait]:
    from analysis.frames import asked, health  # noqa: PLC0415 - pandas would slow every command's start

    jobs = health.jobs(reader)
    due = {job["name"]: job["due_at"].to_pydatetime() for job in jobs.to_dict("records") if _is_time(job["due_at"])}
    return {name: Wait(due.get(name), asked.remembered(reader, name)) for name in WAYS}


def _is_time(value: Any) -> bool:  # noqa: ANN401 - a time of pandas, which may be none
    import pandas as pd  # noqa: PLC0415 - as above

    return not pd.isna(value)


def _stored(reader: "Reader", title: TitleSettings) -> "pd.DataFrame":
    from analysis.stored import stored  # noqa: PLC0415 - as above

    return stored(reader, title, STORED)


# --- X


def _ask_x(found: Preview, workspace: Workspace, http: Http, console: Console, *, asked: bool) -> None:
    """Ask X for its counts where that is wanted; else say what a month of counts alone would cost."""
    settings: Any = workspace.config.sources["x"]
    watched = watch_of([found.title]).titles[0]
    found.count_usd = counting_usd(watched, settings)
    if not asked:
        return
    console.say(f"X: asking for hourly counts costs ${found.count_usd:.3f}, which the budget's meter will show.")
    try:
        found.hours = _counted(workspace, settings, found.title, http)
    except BuzzError as fault:
        found.x_note = str(fault)
        return
    others = [one for one in watch_of(workspace.config.titles).titles if one.name != watched.name]
    found.spending = spending(found.hours, watched, others, settings)


def _counted(
    workspace: Workspace,
    settings: Any,  # noqa: ANN401 - X's own settings
    title: TitleSettings,
    http: Http,
) -> Mapping[datetime, int]:
    """Ask, as the one who may write the meter. Raises BusyError while a collector is at work."""
    from collector.lock import only_collector  # noqa: PLC0415 - as above
    from collector.preview_x import count  # noqa: PLC0415 - as above

    try:
        with workspace.store() as store, only_collector(store) as held:
            return count(held, settings, title, http)
    except BusyError as fault:
        raise BusyError(f"{fault}: it writes the meter of X's money, so stop it for --x") from fault


# --- what posts say


def _said(found: Preview, config: Config) -> list[Said]:
    """Return the texts of everything found, each post once, with its language."""
    from analysis.labeller import LabelInput  # noqa: PLC0415 - as above
    from analysis.labellers import LABELLERS  # noqa: PLC0415 - as above

    posts: dict[tuple[str, str], tuple[str, frozenset[str], str | None]] = {}
    for heard in found.heard:
        for post in heard.posts:
            posts[heard.platform, post.native_id] = (post.text, post.hashtags, post.language)
    for row in [] if found.stored is None else found.stored.to_dict("records"):
        posts.setdefault(
            (row["platform"], row["native_id"]), (row["text"], frozenset(row["hashtags"]), row["language"])
        )
    if not posts:
        return []
    labeller = LABELLERS["language"](config.model_copy(update={"titles": (found.title,)}))
    labels = labeller.label([LabelInput(None, text, language) for text, _, language in posts.values()])
    return [Said(text, tags, label.language) for (text, tags, _), label in zip(posts.values(), labels, strict=True)]
