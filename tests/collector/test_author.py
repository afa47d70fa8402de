"""Author keys: stable here, meaningless elsewhere, their secret in a file of one's own."""

from pathlib import Path

import pytest

from collector.author import AuthorKeys
from collector.errors import ConfigError


def test_the_same_author_has_the_same_key_here_and_another_elsewhere() -> None:
    here, elsewhere = AuthorKeys(b"one"), AuthorKeys(b"two")
    assert here.key("x", "someone") == AuthorKeys(b"one").key("x", "someone")
    assert here.key("x", "someone") != elsewhere.key("x", "someone")
    assert here.key("x", "someone") != here.key("mastodon", "someone")
    assert here.key("x", None) is None


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BUZZ_AUTHOR_KEY", raising=False)
    first = AuthorKeys.load(tmp_path / "settings").key("x", "a")
    assert AuthorKeys.load(tmp_path / "settings").key("x", "a") == first
    assert [file.name for file in (tmp_path / "settings").iterdir()] == ["author.key"]
    assert (tmp_path / "settings" / "author.key").stat().st_mode & 0o777 == 0o600


def test_the_environment_may_give_the_secret_but_not_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "a long enough secret")
    assert AuthorKeys.load().key("x", "a") == AuthorKeys(b"a long enough secret").key("x", "a")
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "short")
    with pytest.raises(ConfigError, match="BUZZ_AUTHOR_KEY is too short"):
        AuthorKeys.load()
