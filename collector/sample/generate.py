"""Makes the sample: the same files, byte for byte, each time, in the shapes that the platforms export."""

import gzip
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any, Literal

import orjson

from collector.sample.people import X_LIMIT, People, SamplePost, platform_of, reach, x_length
from collector.sample.shapes import mastodon_status, x_pages
from collector.sample.story import END, START, moments
from collector.sample.words import Line, Voices, dress, lines, voices

SEED = 20220128
# the collector of the story was down: what was written on Mastodon meanwhile is not known
HOLE = (datetime(2022, 2, 8, 2, tzinfo=UTC), datetime(2022, 2, 8, 11, tzinfo=UTC))
Shelf = dict[tuple[str, str], dict[str, list[Line]]]  # lines by (first title, theme) and language


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One archive file of the sample, and the window of time that it speaks for."""

    path: Path
    format: Literal["x", "mastodon"]
    since: datetime
    until: datetime


def write_sample(folder: Path) -> list[SampleFile]:
    """Write the sample's archive files into a folder: one of X, two of Mastodon with a hole between them."""
    posts = sample_posts()
    x = [post for post in posts if post.platform == "x"]
    mastodon = [post for post in posts if post.platform == "mastodon"]
    files = [_file(folder, "x", START, END, x_pages(x))]
    for since, until in ((START, HOLE[0]), (HOLE[1], END)):
        part = [post for post in mastodon if since <= post.created_at < until]
        files.append(_file(folder, "mastodon", since, until, map(mastodon_status, part, range(len(part)))))
    return files


def rankings_files() -> list[Path]:
    """Return the packaged ranking figures: CSV files whose every row names its source."""
    folder = resources.files("collector.sample").joinpath("rankings")
    return sorted(Path(str(entry)) for entry in folder.iterdir() if entry.name.endswith(".csv"))


def sample_posts() -> list[SamplePost]:
    """Make every post of the sample, in the order of time, those in the hole included."""
    chance = Random(SEED)  # noqa: S311 - a story told the same way each time, nothing secret
    words, shelf, people = voices(), _shelve(lines()), People(chance)
    said: dict[str, int] = defaultdict(int)
    posts = []
    for moment in moments(_zones(shelf, words), chance):
        line = _next_line(shelf[moment.title, moment.theme][moment.language], said)
        text = _fitting(line, words, chance)
        platform = platform_of(line.language, text, chance)
        author = people.author(platform, line.language, new=moment.theme == "copies")
        likes, reposts, replies = reach(line.kind, moment.theme, author, said[line.text], platform, chance)
        said[line.text] += 1
        posts.append(
            SamplePost(
                platform, moment.at, line.language, text, author, moment.theme, line.kind, likes, reposts, replies
            )
        )
    return posts


def _shelve(found: Iterable[Line]) -> Shelf:
    shelf: Shelf = defaultdict(lambda: defaultdict(list))
    for line in found:
        shelf[line.titles[0], line.themes[0]][line.language].append(line)
    return shelf


def _zones(shelf: Shelf, words: Voices) -> dict[tuple[str, str], dict[str, tuple[int, float]]]:
    """Weigh the languages of each theme by their share, and a little by how much they have to say about it."""
    return {
        theme: {
            name: (words.by_language[name].zone, words.by_language[name].share * len(found) ** 0.5)
            for name, found in by_language.items()
        }
        for theme, by_language in shelf.items()
    }


def _next_line(choices: list[Line], said: dict[str, int]) -> Line:
    """Return the line that was said least: people echo each other, but a sample should not."""
    return min(choices, key=lambda line: said[line.text])


def _fitting(line: Line, words: Voices, chance: Random) -> str:
    """Dress a line up; if it grows too long for X, say it plainly."""
    text = dress(line, words, chance)
    return text if x_length(text) <= X_LIMIT else line.text.replace("{ep}", "5")


def _file(
    folder: Path, kind: Literal["x", "mastodon"], since: datetime, until: datetime, records: Iterable[dict[str, Any]]
) -> SampleFile:
    """Write records as gzipped JSON lines, without a time or a name in the gzip header, so that the bytes repeat."""
    path = folder / f"{kind}-{since:%Y-%m-%d}.jsonl.gz"
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=buffer, mtime=0) as packed:
        for record in records:
            packed.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    path.write_bytes(buffer.getvalue())
    return SampleFile(path, kind, since, until)
