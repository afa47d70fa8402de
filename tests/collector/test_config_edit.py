"""A title goes into config.toml, and all else in it stays as it is."""

import os
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import config as configs
from collector.config import TitleSettings
from collector.config_edit import add_title, snippet, with_title
from collector.errors import BusyError, ConfigError

NEW = TitleSettings(
    name="Night Ferry", released=date(2021, 11, 19), hashtags=("NightFerry", "밤배"), people=("O'Neil",)
)
WRITTEN = """\
[[titles]]
name = "Night Ferry"
kind = "show"
released = 2021-11-19
hashtags = ["NightFerry", "밤배"]
people = ["O'Neil"]
"""
OLD = """\
# my file
[[titles]]
name   = 'Squid Game'   # mine
hashtags = [
  "SquidGame",   # English
]
# the end of it


# ---- Topics ----
[[topics]]
name = "ending"
phrases = ["ending"]
"""


def test_a_title_stands_behind_the_others_and_before_what_leads_over_to_the_next_part() -> None:
    assert with_title(OLD, NEW) == OLD.replace("# the end of it\n", f"# the end of it\n\n{WRITTEN}")


def test_the_shipped_config_gains_these_lines_and_changes_in_none() -> None:
    before = configs.template()
    after = with_title(before, NEW)
    at = after.index(WRITTEN)
    assert after[:at] + after[at + len(WRITTEN) + 1 :] == before
    assert after[at + len(WRITTEN) :].startswith("\n\n# ---- Topics")


@pytest.mark.parametrize("before", ["", "\n", "# nothing\n", "[store]\nurl = 'x.db' # here", "titles = []\n"])
def test_a_config_without_titles_gains_its_first_one(before: str) -> None:
    if before.startswith("titles"):
        with pytest.raises(ConfigError, match="add the title by hand"):
            with_title(before, NEW)
        return
    after = with_title(before, NEW)
    assert after.startswith(before)
    assert configs.parse(after).titles == (NEW,)


def test_line_ends_of_windows_stay_such() -> None:
    after = with_title(OLD.replace("\n", "\r\n"), NEW)
    assert after.count("\n") == after.count("\r\n") == with_title(OLD, NEW).count("\n")


def test_a_name_that_is_there_is_refused_in_whatever_capitals() -> None:
    with pytest.raises(ConfigError, match=r'a\.toml has a title "squid GAME" already'):
        with_title(OLD, NEW.model_copy(update={"name": "squid GAME"}), "a.toml")


@given(names=st.lists(st.text(min_size=1, max_size=20).filter(lambda name: name < "\ud800"), min_size=1, max_size=30))
def test_names_of_any_text_are_read_as_they_were_written(names: list[str]) -> None:
    title = TitleSettings(name=names[0], phrases=tuple(names), people=tuple(names))
    assert configs.parse(with_title(OLD, title)).titles[1] == title


def test_long_lists_are_wrapped() -> None:
    title = TitleSettings(name="x", hashtags=tuple(f"Hashtag{number}" for number in range(60)))
    lines = snippet(title).splitlines()
    assert max(map(len, lines)) <= 110
    assert len(lines) > 8


def test_the_file_is_replaced_whole_with_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "real.toml", tmp_path / "config.toml"
    file.write_bytes(OLD.encode())
    file.chmod(0o640)
    link.symlink_to(file)
    add_title(link, NEW)
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [title.name for title in configs.load(link).titles] == ["Squid Game", "Night Ferry"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "real.toml"]


def test_while_another_program_writes_nothing_changes(tmp_path: Path) -> None:
    path, other = tmp_path / "config.toml", tmp_path / ".config.toml.new"
    path.write_text(OLD)
    other.touch()
    with pytest.raises(
        BusyError, match=r"another program writes config.toml; if none does, delete .*config\.toml\.new"
    ):
        add_title(path, NEW)
    assert (path.read_text(), other.exists()) == (OLD, True)


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OLD)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ConfigError, match="No space left on device; nothing has changed"):
        add_title(path, NEW)
    assert [file.name for file in tmp_path.iterdir()] == ["config.toml"]
    assert path.read_text() == OLD
