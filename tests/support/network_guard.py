"""Keeps tests off the network: a connection or a name look-up beyond the loopback is refused and remembered."""

import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a program without pytest installs the guard as well, see tests/support/clean_environment.py
    import pytest

LOCAL_NAMES = {"", "localhost", "ip6-localhost"}


class OutsideConnectionError(AssertionError):
    """A test tried to leave the machine. Not an OSError, so that no retry or error handling swallows it."""


def is_local(host: object) -> bool:
    """Tell whether an address stays on this machine: None, a loopback address, or a name for one."""
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name.casefold() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


class NetworkGuard:
    """Refuses what leaves the loopback; `attempts` lists it, also from threads and behind broad handlers."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def install(self, patch: "pytest.MonkeyPatch | None" = None) -> None:
        """Put the guard before every way that Python opens a connection: for good, or as long as the patch lasts."""
        put = patch.setattr if patch else setattr
        for name in ("connect", "connect_ex"):
            put(socket.socket, name, self._on_socket(getattr(socket.socket, name)))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            put(socket, name, self._on_look_up(getattr(socket, name)))

    def taken(self) -> list[str]:
        """Return the attempts since the last call."""
        seen, self.attempts = self.attempts, []
        return seen

    def _on_socket(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(sock: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as socket.connect
            if sock.family in {socket.AF_INET, socket.AF_INET6} and not is_local(address[0]):
                self._refuse(f"connection to {address[0]}:{address[1]}")
            return original(sock, address)

        return guarded

    def _on_look_up(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(host: Any, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as socket.getaddrinfo
            if not is_local(host) and host != socket.gethostname():
                self._refuse(f"look-up of {host}")
            return original(host, *rest, **options)

        return guarded

    def _refuse(self, what: str) -> None:
        self.attempts.append(what)
        raise OutsideConnectionError(f"{what}: tests stay on the loopback")
