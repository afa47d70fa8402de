"""The errors of Buzzchart, by what the caller must do: give up, come back later, or leave one item out.

Each message is one sentence a user can act on: what is wrong, where, how to mend it.
The exit codes are part of the interface; docs/commands.md lists them.
"""

from datetime import datetime


class BuzzError(Exception):
    """Anything that Buzzchart itself reports; `exit_code` is what the command ends with."""

    exit_code = 1


class Fatal(BuzzError):  # noqa: N818 - the three kinds are named by what to do, not by what they are
    """Trying again changes nothing: a person must mend something first."""


class ConfigError(Fatal):
    """config.toml, an option or an environment variable is wrong."""

    exit_code = 3


class InputError(Fatal):
    """A file that the user gave cannot be read as what it should be."""

    exit_code = 4


class StoreError(Fatal):
    """The database cannot be opened, read or written."""

    exit_code = 5


class AccessError(Fatal):
    """A platform refuses us: no key, a wrong key, no credit, not allowed."""

    exit_code = 6


class BusyError(Fatal):
    """Something that only one may have is taken: a port, the collector's lock."""

    exit_code = 7


class LostLeadError(BusyError):
    """Another collector has taken over, so what this one wanted to write was refused."""


class RetryLater(BuzzError):  # noqa: N818 - see Fatal
    """A platform asks us to wait; nothing is wrong. `until` is an aware time in UTC."""

    exit_code = 75

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class SkipItem(BuzzError):  # noqa: N818 - see Fatal
    """One item cannot be read; it is counted and shown, and the rest goes on."""
