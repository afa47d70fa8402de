"""The app as an ASGI server: Streamlit behind our own headers, a health check, and nothing beyond the loopback."""

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.launch import HOST

SCRIPT = Path(__file__).with_name("app.py")
# the second wall behind the escaping of hostile text: the browser itself fetches nothing from elsewhere
POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self' ws: wss:; "
    "frame-src 'self'; "
    "object-src 'none'; "
    "base-uri 'self'; "
    "form-action 'self'; "
    "worker-src 'self' blob:; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SafeHeaders:
    """Adds HEADERS to every answer, also to errors and files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; only answers over HTTP have headers to set."""
        await self._app(scope, receive, self._adding(send) if scope["type"] == "http" else send)

    @staticmethod
    def _adding(send: Send) -> Send:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        return adding


async def healthz(_request: Request) -> PlainTextResponse:
    """Answer "ok" as soon as the server takes requests."""
    return PlainTextResponse("ok")


@asynccontextmanager
async def _warmed(_app: st.App) -> AsyncIterator[None]:
    """Import what the screens need while the reader's browser is still opening, and not on the first look."""
    threading.Thread(target=import_module, args=("ui.app",), daemon=True).start()
    yield


def create() -> st.App:
    """Return the app; Streamlit finds its settings in .streamlit beside the script, whatever folder we are in."""
    routes, middleware = [Route("/healthz", healthz)], [Middleware(SafeHeaders)]
    return st.App(SCRIPT, routes=routes, middleware=middleware, lifespan=_warmed)


def main(port: int) -> None:
    """Serve on the loopback until SIGINT or SIGTERM; open pages do not hold the end up."""
    settings = uvicorn.Config(
        create(), host=HOST, port=port, access_log=False, log_level="warning", timeout_graceful_shutdown=2
    )
    uvicorn.Server(settings).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
