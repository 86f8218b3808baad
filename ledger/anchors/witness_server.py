"""The witness over HTTP (C2SP tlog-witness): `POST /add-checkpoint`, and the newest note of each log.

Whoever calls is a stranger: bodies have a size limit and a time limit, and every answer has the status that
the specification names, with a sentence for people where it does not say what the body is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from time import sleep

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.anchors.request import MAX_BYTES, BadRequestError
from ledger.anchors.witness_folder import Witness, logs
from ledger.anchors.witness_state import CheckpointRefusedError, Refusal, add_checkpoint, newest_note
from schemas.errors import UnavailableError

BODY_SECONDS = 10
"""A request that takes longer to arrive is given up."""

_AT_ONCE = 64
_CLOSING_SECONDS = 10

_STATUS = {
    Refusal.UNKNOWN_LOG: 404,
    Refusal.UNTRUSTED: 403,
    Refusal.OTHER_SIZE: 409,
    Refusal.INCONSISTENT: 422,
    Refusal.CLOCK: 503,
}


def witness_app(witness: Witness, now: Callable[[], datetime]) -> Starlette:
    """The application; both URL prefixes of the specification are its root."""

    async def add(request: Request) -> Response:
        try:
            raw = await asyncio.wait_for(_body(request), BODY_SECONDS)
            signatures = await run_in_threadpool(add_checkpoint, witness, raw, now)
        except TimeoutError:
            return PlainTextResponse("请求过慢 / the request took too long to arrive\n", 408)
        except CheckpointRefusedError as error:
            return _refusal(error)
        return PlainTextResponse("".join(each.line for each in signatures))

    async def newest(request: Request) -> Response:
        note = await run_in_threadpool(newest_note, witness, request.path_params["origin_hash"])
        if note is None:
            return PlainTextResponse("未曾见证 / no checkpoint of this log was cosigned\n", 404)
        return PlainTextResponse(note)

    async def health(_: Request) -> Response:
        known = await run_in_threadpool(logs, witness)
        return PlainTextResponse(f"{witness.name}: {len(known)} 个日志 / logs\n")

    routes = [
        Route("/add-checkpoint", add, methods=["POST"]),
        Route("/{origin_hash:str}/checkpoint", newest, methods=["GET"]),
        Route("/", health, methods=["GET"]),
    ]
    handlers = {
        BadRequestError: _malformed,
        ClientDisconnect: _malformed,
        _TooLargeError: _too_large,
        UnavailableError: _unavailable,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


@contextmanager
def serving(witness: Witness, now: Callable[[], datetime], host: str, port: int) -> Iterator[str]:
    """Serve while the body runs; gives the URL. Port 0 is a free one. Raises UnavailableError.

    At the end no new request is taken, and those that were begun are answered.
    """
    with _listening(host, port) as listener:
        config = uvicorn.Config(
            witness_app(witness, now),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=_AT_ONCE,
            timeout_graceful_shutdown=_CLOSING_SECONDS,
        )
        server = uvicorn.Server(config)
        # In a thread of its own uvicorn leaves the signals to whoever called.
        thread = Thread(target=server.run, args=([listener],), name="witness")
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise UnavailableError("见证未能启动 / the witness's server did not start")
                sleep(0.01)
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


class _TooLargeError(Exception):
    """The body is longer than a request may be."""


async def _body(request: Request) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise _TooLargeError
    return bytes(raw)


def _refusal(error: CheckpointRefusedError) -> Response:
    if error.reason is Refusal.OTHER_SIZE:
        # Exactly this type: no charset is added.
        return Response(f"{error.size}\n", 409, {"content-type": "text/x.tlog.size"})
    return PlainTextResponse(error.message + "\n", _STATUS[error.reason])


async def _malformed(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 400)


async def _too_large(_: Request, __: Exception) -> Response:
    return PlainTextResponse(f"请求过大 / a request has at most {MAX_BYTES} bytes\n", 413)


async def _unavailable(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 503)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_AT_ONCE)
    except OSError as error:
        told = f"无法监听 / cannot listen on {host} port {port}: {error.strerror or error}"
        raise UnavailableError(told) from error
    with listener:
        yield listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
