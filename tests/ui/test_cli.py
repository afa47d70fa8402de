"""The command line as a user meets it: one clear sentence and the documented exit code for each fault."""

import os
import subprocess
import sys
from pathlib import Path

from collector import config as configs
from ui.cli import COMMANDS, GROUPS, build


def buzz(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "ui.cli", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_registered_command_is_there_with_its_help() -> None:
    app = build()
    assert {command.name for command in app.registered_commands} == set(COMMANDS)
    assert {group.name for group in app.registered_groups} == set(GROUPS)
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)


def test_init_writes_the_commented_file_and_never_over_another(tmp_path: Path) -> None:
    first = buzz("init", cwd=tmp_path)
    assert first.returncode == 0
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == configs.template()
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")
    second = buzz("init", cwd=tmp_path)
    assert second.returncode == 3
    assert second.stderr == "buzz: config.toml is there already and is left as it is: name another path\n"
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"


def test_without_a_config_the_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    ended = buzz("collect", "--once", cwd=tmp_path)
    assert ended.returncode == 3
    assert ended.stderr == ("buzz: config.toml is not there: write one with `buzz init`, or name yours with --config\n")


def test_a_broken_config_is_told_with_file_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[sources.mastodon]\nserver = ["a"]\n', encoding="utf-8")
    ended = buzz("collect", "--once", cwd=tmp_path)
    assert ended.returncode == 3
    assert "config.toml line 2: [sources.mastodon] has an unknown key server; did you mean servers?" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_of_another_kind_is_told_and_left_alone(tmp_path: Path) -> None:
    buzz("init", cwd=tmp_path)
    (tmp_path / "notes.txt").write_text("plain text " * 500, encoding="utf-8")
    ended = buzz("collect", "--once", "--db", "notes.txt", cwd=tmp_path)
    assert ended.returncode == 5
    assert "notes.txt" in ended.stderr
    assert "is not an SQLite database" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wrong_option_is_a_usage_fault(tmp_path: Path) -> None:
    ended = buzz("collect", "--onec", cwd=tmp_path)
    assert ended.returncode == 2
    assert "--once" in ended.stderr


def test_the_version_is_told(tmp_path: Path) -> None:
    ended = buzz("--version", cwd=tmp_path)
    assert ended.returncode == 0
    assert ended.stdout.startswith("buzzchart ")


def test_a_folder_called_ui_or_collector_does_not_get_in_the_way(tmp_path: Path) -> None:
    for name in ("ui", "collector", "analysis"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('not ours')", encoding="utf-8")
    assert buzz("--version", cwd=tmp_path).returncode == 0


def test_the_command_line_starts_without_what_it_does_not_need() -> None:
    probe = "import sys; from ui.cli import build; build(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-P", "-c", probe], check=True, capture_output=True, text=True).stdout
    assert "typer" in loaded.split()
    assert not {"streamlit", "pandas", "altair", "tweepy", "vaderSentiment", "sqlalchemy"} & set(loaded.split())
