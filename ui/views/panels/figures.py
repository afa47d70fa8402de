"""Five figures of a title, each with what it rests on."""

import pandas as pd

from analysis import sentiment, volume
from analysis import voice as voices
from analysis.frames import health, hours
from ui import sentences, widgets
from ui.desk import Desk
from ui.title_data import Picked, Shown

COMPARED = pd.Timedelta(days=9)  # the last 24 hours, and those a week before


def show(desk: Desk, picked: Picked, shown: Shown) -> None:
    """Show posts, net sentiment, share of voice, No. 1 countries and the best world rank."""
    widgets.figures([_posts(desk, picked), _net(shown), _voice(desk, picked), *_ranked(shown)])


def _posts(desk: Desk, picked: Picked) -> widgets.Figure:
    end = picked.window[1]
    known = desk.covered_of(picked.title)
    recent = hours.hours(desk.reader, title=picked.title, since=end - COMPARED, until=end)
    if picked.platform is not None:
        known, recent = (frame[frame["platform"] == picked.platform] for frame in (known, recent))
    change = volume.change(recent, known, until=end)
    against = "no week before to compare with"
    if change.ratio is not None:
        against = f"{sentences.change(change.ratio)} against the same hours a week before"
    of = f" · {' + '.join(change.platforms)}" if change.platforms else ""
    value = widgets.NONE if change.posts is None else f"{change.posts:,}"
    return widgets.Figure(f"Posts, 24 h to {end:%-d %b %H:%M} UTC", value, against + of)


def _net(shown: Shown) -> widgets.Figure:
    share = sentiment.shares(shown.counted, by=()).iloc[0]
    label = "Net sentiment, this window"
    if pd.isna(share["net"]):
        return widgets.Figure(
            label, widgets.NONE, f"{int(share['scored'])} scored posts: too few to say (under {sentiment.FEW})"
        )
    low, high = widgets.points(share["net_low"]), widgets.points(share["net_high"])
    basis = (
        f"{low} to {high} (95 %) · n = {int(share['scored']):,} scored, {widgets.percent(share['coverage'])} of posts"
    )
    return widgets.Figure(label, widgets.points(share["net"]), basis)


def _voice(desk: Desk, picked: Picked) -> widgets.Figure:
    since, until = picked.window
    known = health.covered(desk.reader, since=since)
    if picked.platform is not None:
        known = known[known["platform"] == picked.platform]
    sums = hours.sums(desk.reader, since, until, platform=picked.platform)
    edges = hours.edge_hours(desk.reader, since, until, platform=picked.platform)
    voice = voices.share_of_voice(sums, edges, known, voices.whole_hours(since, until))
    own = voice.frame[voice.frame["title"] == picked.title]
    label = "Share of voice, this window"
    if own.empty or pd.isna(own["share"].iloc[0]):
        return widgets.Figure(label, widgets.NONE, "no platform is known throughout for every title")
    basis = f"of {own['of'].iloc[0]:,.0f} posts about {len(voice.frame)} titles · {' + '.join(voice.included)}"
    return widgets.Figure(label, widgets.percent(own["share"].iloc[0]), basis)


def _ranked(shown: Shown) -> list[widgets.Figure]:
    led = shown.weekly.dropna(subset=["no1_countries"])
    world = shown.weekly.dropna(subset=["world_rank"])
    first = widgets.Figure("No. 1 countries, at most", widgets.NONE, "no ranking with countries is stored")
    if len(led):
        best = led.sort_values("no1_countries", ascending=False, kind="stable").iloc[0]
        of = "" if pd.isna(best["countries_covered"]) else f"of {best['countries_covered']} covered · "
        first = widgets.Figure("No. 1 countries, at most", f"{best['no1_countries']}", f"{of}{sentences.edition(best)}")
    second = widgets.Figure("Best world rank", widgets.NONE, "not in a world ranking that is stored")
    if len(world):
        best = world.sort_values("world_rank", kind="stable").iloc[0]
        times = int((world["world_rank"] == best["world_rank"]).sum())
        basis = (
            f"{widgets.text_or_none(best['world_category'])} · on {times} editions · first {sentences.edition(best)}"
        )
        second = widgets.Figure("Best world rank", f"No. {best['world_rank']}", basis)
    return [first, second]
