"""Tries a provider of rankings: whether it answers, and whether what it sends begins as a ranking does."""

import tempfile
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from collector.collect_rankings import open_lines
from collector.config import Config
from collector.errors import BuzzError, InputError
from collector.http import MAX_DOWNLOAD, Answer, Http
from collector.ranking import RankingFile, RankingSource, SkippedLine
from collector.rankings import RANKINGS
from collector.source import Cursor

SIP = 65_536  # bytes of a file that are asked for; Netflix's two have 30 MB
ROWS = 20  # that are read of it


class Sipping(Http):
    """Another one's door, which downloads the beginning of a file only, up to the end of a line."""

    def __init__(self, http: Http) -> None:
        super().__init__(clock=http.clock, timeout=http.timeout)
        self.user_agent = http.user_agent

    def download(
        self,
        url: str,
        path: Path,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_DOWNLOAD,
        seconds: float | None = None,  # noqa: ARG002 - as the whole download has it; a sip needs no longer time
    ) -> Answer:
        """Stream the first lines of the answer into a file. Raises as the whole download does."""
        body = b""
        with self._asked(url, None, headers, ()) as (response, answered):
            for chunk in self.chunks(response, max_bytes):
                body += chunk
                if len(body) >= SIP:
                    body = body[: body.rfind(b"\n") + 1]
                    break
            path.write_bytes(body)
            return Answer(answered, response.status_code, response.headers, b"", self.clock())


def try_ranking(config: Config, name: str, folder: Path, http: Http) -> Iterator[str]:
    """Yield what is wrong with a provider; `folder` is that of the config file."""
    door, part = Sipping(http), RANKINGS[name]
    settings = config.rankings[name].relative_to(folder)
    try:
        with tempfile.TemporaryDirectory(prefix="buzzchart-") as scratch:
            for file in part(settings, door).fetch(Cursor(), Path(scratch)):
                yield from _unreadable(part, file)
    except BuzzError as fault:
        yield str(fault)
    finally:
        http.server_date = door.server_date or http.server_date


def _unreadable(part: type[RankingSource], file: RankingFile) -> Iterator[str]:
    """Say where none of the first lines of a file can be read."""
    try:
        with open_lines(file.path) as lines:
            rows = list(islice(part.parse(lines, file.label), ROWS))
    except InputError as fault:
        yield str(fault)
        return
    if not any(not isinstance(row, SkippedLine) for row in rows):
        why = f"; line {rows[0].number} {rows[0].reason}" if rows and isinstance(rows[0], SkippedLine) else ""
        yield f"{file.label}: none of its first lines can be read{why}"
