"""Share of voice: from sums, and just as if the hourly grid had been added up."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from filling import Posted, fill
from hypothesis import given, settings
from hypothesis import strategies as st
from totals import covered_frame, hours_frame

from analysis import voice, volume
from analysis.frames import hours
from analysis.frames.reader import Reader
from analysis.voice import ShareOfVoice
from collector.store import Store

START = datetime(2022, 2, 1, tzinfo=UTC)
TITLES, PLATFORMS = ("Hellbound", "Squid Game"), ("mastodon", "x")


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def by_sums(counted: pd.DataFrame, covered: pd.DataFrame, since: datetime, until: datetime) -> ShareOfVoice:
    inside = counted[(counted["hour"] >= since) & (counted["hour"] < until)]
    sums = inside.groupby(["title", "platform"], observed=True)[["posts", "sample"]].sum().reset_index()
    window = voice.whole_hours(since, until)
    edges = inside[
        inside["hour"].isin([pd.Timestamp(second, unit="s", tz=UTC) for second in (window[0], window[1] - 3600)])
    ]
    return voice.share_of_voice(sums, edges, covered, window)


def by_grid(counted: pd.DataFrame, covered: pd.DataFrame, since: datetime, until: datetime) -> ShareOfVoice:
    inside = counted[(counted["hour"] >= since) & (counted["hour"] < until)]
    summed = volume.total(volume.buzz(inside, covered, since=since, until=until))
    frame = summed.frame.groupby("title", observed=True)[["posts", "sample"]].sum().reset_index()
    whole = float(frame["posts"].sum())
    frame = frame.assign(share=frame["posts"] / whole if whole else np.nan, of=whole)
    return ShareOfVoice(frame.sort_values(["posts", "title"], ascending=[False, True]), *summed[1:])


def test_a_share_of_voice_needs_the_same_platforms_for_every_title() -> None:
    counted = hours_frame(
        {"hour": at(0), "posts": 30},
        {"hour": at(1), "posts": 10, "title": "Hellbound"},
        {"hour": at(1), "posts": 500, "platform": "x"},
    )
    covered = pd.concat(
        [
            covered_frame(("mastodon", at(0), at(2)), ("x", at(0), at(2))),
            covered_frame(("mastodon", at(0), at(2)), title="Hellbound"),
        ]
    )
    frame, included, left_out = by_sums(counted, covered, at(0), at(2))
    assert frame[["title", "posts", "share", "of"]].to_numpy().tolist() == [
        ["Squid Game", 30, 0.75, 40],
        ["Hellbound", 10, 0.25, 40],
    ]
    assert (included, left_out) == (("mastodon",), ("x",))


def test_a_share_of_no_posts_is_none() -> None:
    shared = by_sums(hours_frame(), covered_frame(("mastodon", at(0), at(2))), at(0), at(2))
    assert shared.frame["share"].isna().all()


def test_without_anything_known_there_are_no_shares() -> None:
    shared = by_sums(hours_frame(), covered_frame(), at(0), at(2))
    assert (len(shared.frame), shared.included, shared.left_out) == (0, (), ())


moments = st.integers(-4, 12).map(lambda quarter: at(quarter / 2))
spans = st.tuples(
    st.sampled_from(TITLES),
    st.sampled_from(PLATFORMS),
    moments,
    moments,
    st.sampled_from(["covered", "covered", "partial", "failed"]),
)
found = st.tuples(st.sampled_from(TITLES), st.sampled_from(PLATFORMS), st.integers(-1, 5), st.integers(1, 9))


@settings(max_examples=20)
@given(
    st.lists(found, max_size=12, unique_by=lambda row: row[:3]),
    st.lists(spans, max_size=12),
    st.integers(0, 3).map(lambda half: at(half / 2)),
    st.integers(1, 8),
)
def test_it_is_what_the_hourly_grid_adds_up_to(
    rows: list[tuple[str, str, int, int]],
    known: list[tuple[str, str, datetime, datetime, str]],
    since: datetime,
    halves: int,
) -> None:
    until = since + timedelta(minutes=30 * halves)
    counted = hours_frame(
        *(
            {"title": title, "platform": platform, "hour": at(hour), "posts": n, "sample": n // 2}
            for title, platform, hour, n in rows
        )
    )
    frames = [
        covered_frame((platform, start, max(start, end), kind), title=title)
        for title, platform, start, end, kind in known
    ]
    # every platform is known throughout now and then, else there is nothing to compare
    frames += [covered_frame(("mastodon", at(0.25), at(5)), title=title) for title in TITLES if len(known) % 2]
    covered = pd.concat(frames, ignore_index=True) if frames else covered_frame()
    one, other = by_sums(counted, covered, since, until), by_grid(counted, covered, since, until)
    assert (one.included, one.left_out) == (other.included, other.left_out)
    columns = ["title", "posts", "share", "of", "sample"]
    assert one.frame[columns].to_numpy().tolist() == other.frame[columns].to_numpy().tolist() or (
        one.frame["share"].isna().all() and other.frame["share"].isna().all()
    )


def test_sums_of_any_window_are_those_of_its_hours(store: Store) -> None:
    posts = [
        Posted(titles=(TITLES[number % 2],), at=at(5 * number), platform=PLATFORMS[number % 3 == 0])
        for number in range(20)
    ]
    fill(store, *posts)
    with Reader(store.url) as reader:
        for since, until in ((at(0), at(100)), (at(3), at(30)), (at(25), at(30)), (at(3), at(49)), (at(24), at(48))):
            counted = hours.hours(reader, since=since, until=until)
            expected = counted.groupby(["title", "platform"], observed=True)["posts"].sum()
            summed = hours.sums(reader, since, until)
            assert summed.set_index(["title", "platform"])["posts"].to_dict() == expected.to_dict()
            one = hours.sums(reader, since, until, platform="x")
            assert one["posts"].tolist() == summed.loc[summed["platform"] == "x", "posts"].tolist()
            edges = hours.edge_hours(reader, since, until)
            ends = counted[counted["hour"].isin([pd.Timestamp(since), pd.Timestamp(until) - pd.Timedelta(hours=1)])]
            assert sorted(edges["posts"]) == sorted(ends["posts"])
