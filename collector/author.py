"""Author keys: a keyed hash in place of a name. Its secret lives outside the database."""

import hashlib
import os
import secrets
from pathlib import Path

from platformdirs import user_config_path

from collector.errors import ConfigError

VARIABLE = "BUZZ_AUTHOR_KEY"
FILE = "author.key"
MIN_LENGTH = 16


class AuthorKeys:
    """Turns authors into keys that are the same within one installation and mean nothing elsewhere."""

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.blake2b(secret, digest_size=32).digest()

    @classmethod
    def load(cls, folder: Path | None = None) -> "AuthorKeys":
        """Take the secret from BUZZ_AUTHOR_KEY, else from the user's own settings folder, made there at first use."""
        given = os.environ.get(VARIABLE)
        if given is None:
            return cls(_from_file((folder or user_config_path("buzzchart")) / FILE))
        if len(given) < MIN_LENGTH:
            raise ConfigError(f"{VARIABLE} is too short: use {MIN_LENGTH} characters or more")
        return cls(given.encode())

    def key(self, platform: str, author: str | None) -> str | None:
        """Return the key of an author, 16 hexadecimal digits, or None where the platform names nobody."""
        if not author:
            return None
        return hashlib.blake2b(f"{platform}\0{author}".encode(), key=self._secret, digest_size=8).hexdigest()


def kept_at(folder: Path | None = None) -> str:
    """Say where the secret is: the variable that holds it, or the file."""
    return VARIABLE if VARIABLE in os.environ else str((folder or user_config_path("buzzchart")) / FILE)


def open_to_others(folder: Path | None = None) -> str:
    """Say what to mend where others on this machine can read the file with the secret; nothing where none can."""
    at = kept_at(folder)
    path = Path(at)
    if at == VARIABLE or os.name != "posix" or not path.exists() or not path.stat().st_mode & 0o077:
        return ""
    return f"{path} can be read by others on this machine: chmod 600 {path}"


def fingerprint(folder: Path | None = None) -> str | None:
    """Return what tells this secret from another one and tells nothing of it; None where there is no secret yet."""
    at = kept_at(folder)
    if at != VARIABLE and not Path(at).exists():
        return None
    return AuthorKeys.load(folder).key("buzzchart", "fingerprint")


def _from_file(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # made whole under another name, then linked: two processes that start together agree on one secret
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secrets.token_hex(32).encode())
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_bytes()
    except OSError as fault:
        raise ConfigError(f"the key of the author hashes cannot be kept at {path}: {fault}; set {VARIABLE}") from fault
