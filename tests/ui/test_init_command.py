"""`buzz init`: the commented config, written once and never over another."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from collector import config
from collector.errors import ConfigError
from ui.commands.init import init


@pytest.fixture
def app() -> typer.Typer:
    built = typer.Typer()
    built.command()(init)
    return built


def test_it_writes_a_config_that_loads_and_watches_three_titles(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    done = CliRunner().invoke(app, [str(path)])
    assert done.exit_code == 0
    assert [title.name for title in config.load(path).titles] == ["All of Us Are Dead", "Squid Game", "Hellbound"]
    assert "#" in path.read_text(encoding="utf-8").splitlines()[0]


def test_it_leaves_a_file_that_is_there_as_it_is(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    done = CliRunner().invoke(app, [str(path)])
    assert isinstance(done.exception, ConfigError)
    assert "is there already and is left as it is" in str(done.exception)
    assert path.read_text() == "# mine\n"


def test_it_says_when_the_folder_is_missing(app: typer.Typer, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "nowhere" / "config.toml")])
    assert isinstance(done.exception, ConfigError)
    assert "cannot be written" in str(done.exception)


def test_quiet_says_nothing(app: typer.Typer, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "config.toml"), "--quiet"])
    assert (done.exit_code, done.output) == (0, "")
