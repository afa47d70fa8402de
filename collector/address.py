"""What an address says of where it leads. Pure."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Return the host of an address (with its port, if it names one), for sentences. Never its path or query."""
    return urlsplit(url).netloc.rpartition("@")[2] or url[:60]


def is_loopback(url: str) -> bool:
    """Tell whether an address points at this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def safe_for_token(url: str) -> bool:
    """Tell whether a token may travel to this address at all: only by https, or inside this machine."""
    return urlsplit(url).scheme == "https" or is_loopback(url)


def base_like(example: str) -> Callable[[str], str]:
    """Return what checks the address of a service as a user gives it, and takes the slash off its end."""

    def check(written: str) -> str:
        address = written.strip().rstrip("/")
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError(f'an address such as "{example}"')
        return address

    return check
