"""Adds a title to config.toml and leaves all else in it as it is: comments, order, layout, line ends.

The new text is read by collector.config before it takes the place of the old one, which happens at once or not at all.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table, Whitespace

from collector import config as configs
from collector.errors import BusyError, ConfigError
from collector.text import fold

if TYPE_CHECKING:
    from collector.config import TitleSettings

WIDTH = 110  # characters of a line of names
KEYS = ("genres", "hashtags", "phrases", "exclude", "people", "ranked_as", "wikipedia")


def add_title(path: Path, title: "TitleSettings") -> None:
    """Write a title behind the others. Raises ConfigError, and BusyError while another program writes the file."""
    place = path.resolve()  # a link stays a link
    with _alone(place) as fresh:
        try:
            text = place.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{path} cannot be read: {fault}") from fault
        try:
            fresh.write_bytes(with_title(text, title, str(path)).encode("utf-8"))
            shutil.copymode(place, fresh)
            fresh.replace(place)
        except OSError as fault:
            raise ConfigError(f"{path} cannot be written: {fault.strerror}; nothing has changed") from fault


def with_title(text: str, title: "TitleSettings", label: str = configs.FILE_NAME) -> str:
    """Return the text of a config with a title more. Raises ConfigError where it has a title of that name."""
    before = configs.parse(text, label)
    check_new(before, title.name, label)
    ends = "\r\n" if "\r\n" in text else "\n"
    try:
        document = tomlkit.parse(text)
        _append(document, snippet(title).replace("\n", ends), ends)
        changed = document.as_string()
    except TOMLKitError as fault:
        raise ConfigError(_by_hand(label)) from fault
    after = configs.parse(changed, label)
    if after != before.model_copy(update={"titles": (*before.titles, title)}):
        raise ConfigError(_by_hand(label))
    return changed


def check_new(config: configs.Config, name: str, label: str = configs.FILE_NAME) -> None:
    """Raise ConfigError where a title of this name is there, in whatever capitals."""
    if fold(name) in {fold(one.name) for one in config.titles}:
        raise ConfigError(f'{label} has a title "{name}" already; change it there, or choose another name')


def snippet(title: "TitleSettings") -> str:
    """Return a title as config.toml writes it, keys without a value left out."""
    lines = ["[[titles]]", f"name = {_quoted(title.name)}", f"kind = {_quoted(title.kind)}"]
    if title.released:
        lines.append(f"released = {title.released.isoformat()}")
    lines += [f"{key} = {_list(names)}" for key in KEYS if (names := getattr(title, key))]
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return tomlkit.string(name).as_string()


def _list(names: Sequence[str]) -> str:
    quoted = [_quoted(name) for name in names]
    if sum(map(len, quoted)) + 2 * len(quoted) < WIDTH - len("ranked_as = "):
        return f"[{', '.join(quoted)}]"
    return "\n".join(["[", *_wrapped(quoted), "]"])


def _wrapped(quoted: Sequence[str]) -> Iterator[str]:
    line = " "
    for one in quoted:
        if len(line) + len(one) + 2 > WIDTH and line.strip():
            yield line
            line = " "
        line += f" {one},"
    yield line


def _append(document: tomlkit.TOMLDocument, written: str, ends: str) -> None:
    """Put the new table behind the last one, before the blank line and the comments that lead over to what follows."""
    new = tomlkit.parse(written)
    titles = document.get("titles")
    if isinstance(titles, AoT) and len(titles):
        added = _table(new)
        _move_tail(titles[-1], added, ends)
        titles.append(added)
        return
    if titles is not None:
        raise TOMLKitError("titles is written as a list in one line")
    if document.as_string().strip():
        document.add(Whitespace(ends))
    document.append("titles", new["titles"])


def _table(document: tomlkit.TOMLDocument) -> Table:
    tables = document["titles"]
    if not isinstance(tables, AoT):
        raise TOMLKitError("no table")
    return tables[0]


def _move_tail(last: Table, added: Table, ends: str) -> None:
    """Hand over what stands behind the last key of a table, from the first blank line on."""
    body = last.value.body
    keys = max((at for at, (key, _) in enumerate(body) if key is not None), default=-1)
    blank = (at for at, (_, item) in enumerate(body) if at > keys and isinstance(item, Whitespace) and "\n" in item.s)
    start = next(blank, len(body))
    tail = body[start:]
    del body[start:]
    body.append((None, Whitespace(ends)))
    added.value.body.extend(tail)


@contextmanager
def _alone(place: Path) -> Iterator[Path]:
    """Yield the file to write into, which nobody else has; it is gone afterwards unless it took its place."""
    fresh = place.with_name(f".{place.name}.new")
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as fault:
        raise BusyError(f"another program writes {place.name}; if none does, delete {fresh}") from fault
    except OSError as fault:
        raise ConfigError(f"{place.parent} cannot be written: {fault.strerror}; nothing has changed") from fault
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _by_hand(label: str) -> str:
    return f"{label} is laid out in a way that cannot be added to safely; add the title by hand"
