"""A hand-written web server on the loopback: tests say what it answers and read what it was asked."""

import base64
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.frames import Frame, Opcode

GOODBYE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=False)
ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


@dataclass(frozen=True)
class Asked:
    """One request, with its path unquoted and each parameter's first value."""

    path: str
    raw_path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    query: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Streamed:
    """What to send over a websocket, and how it goes on: "hang" waits for the other side, "close" says goodbye.

    "cut" ends in the middle of a frame. Texts go as text frames, bytes as binary ones.
    """

    frames: Iterable[str | bytes] = ()
    then: str = "hang"

    def serve(self, asked: Asked, connection: socket.socket) -> None:
        """Do the handshake and send the frames."""
        with contextlib.suppress(OSError):  # a client that had enough may leave
            greet(asked, connection)
            for frame in self.frames:
                connection.sendall(wire_frame(frame))
            if self.then == "cut":
                connection.sendall(wire_frame("x" * 1000)[:500])
            elif self.then == "close":
                connection.sendall(GOODBYE)
            elif self.then == "hang":
                connection.settimeout(30)
                connection.recv(4096)  # the other side says goodbye
                connection.sendall(GOODBYE)


def greet(asked: Asked, connection: socket.socket) -> None:
    """Do the handshake of a websocket."""
    given = {name.casefold(): value for name, value in asked.headers.items()}
    accepted = hashlib.sha1(given["sec-websocket-key"].encode() + ACCEPT, usedforsecurity=False).digest()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {base64.b64encode(accepted).decode()}")
    if protocol := given.get("sec-websocket-protocol"):
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    connection.sendall("\r\n".join([*lines, "", ""]).encode())


def wire_frame(content: str | bytes) -> bytes:
    """Return a frame as it goes over the wire."""
    kind, body = (Opcode.TEXT, content.encode()) if isinstance(content, str) else (Opcode.BINARY, content)
    return Frame(kind, body).serialize(mask=False)


@dataclass(frozen=True)
class Reply:
    """What to answer: any body (JSON unless it is bytes), a status and headers."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: "Streamed | None" = None

    def encoded(self) -> bytes:
        """Return the body as bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Loopback:
    """A running server. `asked` lists the requests so far; `answer` may be replaced at any time."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(unquote(parts.path), parts.path, params, dict(self.headers.items()), parts.query, body)
                owner.asked.append(asked)
                reply = owner.answer(asked)
                if reply.stream is not None:
                    reply.stream.serve(asked, self.connection)
                    self.close_connection = True
                    return
                if "Upgrade" in self.headers:  # who asks for a websocket takes no older answer
                    self.protocol_version, self.close_connection = "HTTP/1.1", True
                body = reply.encoded()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # a client that had enough may leave
                    self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing: the tests read `asked`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Return the server's address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def host(self) -> str:
        """Return the server's host and port."""
        return urlsplit(self.url).netloc


@contextlib.contextmanager
def serving(answer: Callable[[Asked], Reply]) -> Iterator[Loopback]:
    """Run a server for the length of a test."""
    server = Loopback(answer)
    server._thread.start()
    try:
        yield server
    finally:
        server._server.shutdown()
        server._server.server_close()
        server._thread.join()


def free_port() -> int:
    """Let the system choose a port, so that tests running side by side do not take the same one."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
