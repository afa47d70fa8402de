"""A command's config and database: where they come from, and what overrides what."""

from pathlib import Path

import pytest

from collector.errors import ConfigError
from ui.workspace import Workspace


def test_the_packaged_config_serves_only_where_a_command_can_do_without_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.open(default=True)
    assert workspace.config_path is None
    assert [title.name for title in workspace.config.titles] == ["All of Us Are Dead", "Squid Game", "Hellbound"]
    with pytest.raises(ConfigError, match="buzz init"):
        Workspace.open()
    with pytest.raises(ConfigError, match=r"mine\.toml is not there"):
        Workspace.open(Path("mine.toml"), default=True)


def test_a_store_is_made_where_the_config_lies_and_the_reader_finds_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    workspace = Workspace.open(tmp_path / "config.toml")
    workspace.store().close()
    assert (tmp_path / "buzzchart.db").is_file()
    with workspace.reader() as reader:
        assert reader.frame("SELECT count(*) AS n FROM post")["n"].tolist() == [0]
