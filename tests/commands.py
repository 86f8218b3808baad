"""The `yangguang` command in a process of its own, forked from one that has read all modules.

Reading them takes longer than most commands do. A template process imports the command line once and forks
for every call: own process, environment, folder, exit code; started when first asked, ended with the tests.
Tests about starting up, signals or slow readers start a process the long way.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn

from schemas.base import build_models

ROOT = Path(__file__).parents[1]
LONGEST = 1 << 20
"""Bytes of a request: words, environment and folder."""


def clean_environment(**more: str) -> dict[str, str]:
    """Of a process that knows of no home and no engine, and writes plainly and wide."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TEMPORAL_", "YANGGUANG_"))}
    return {**clean, "NO_COLOR": "1", "COLUMNS": "200", **more}


def yangguang(
    *words: object, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command line to its end."""
    line = list(map(str, words))
    asked = {"words": line, "cwd": str(cwd), "env": dict(clean_environment() if env is None else env)}
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as wire,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
        wire.connect(_template())
        socket.send_fds(wire, [json.dumps(asked).encode()], [out.fileno(), err.fileno()])
        code = int(wire.recv(16) or b"-1")
        return subprocess.CompletedProcess(line, code, _all(out), _all(err))


def _all(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@lru_cache
def _template() -> str:
    """Where the template process listens; it ends with this one."""
    address = str(Path(tempfile.mkdtemp()) / "commands")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.commands", address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
    )
    atexit.register(_end, process)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return address


def _end(process: subprocess.Popen[bytes]) -> None:
    """The template ends when its standard input is closed."""
    process.communicate()


def serve(address: str) -> None:
    """Fork for every request; tell each exit code to whoever asked; end with the standard input."""
    _read_everything()
    waiting = selectors.DefaultSelector()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen()
        waiting.register(door, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in waiting.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is door:
                    _begin(door, waiting)
                else:
                    _tell(key, waiting)


def _read_everything() -> None:
    """What every command would do first: read the modules, build the models that wait for their first use."""
    import cli.main  # noqa: F401, PLC0415

    build_models()


def _begin(door: socket.socket, waiting: selectors.BaseSelector) -> None:
    wire, _ = door.accept()
    message, files, _, _ = socket.recv_fds(wire, LONGEST, 2)
    if not message:
        wire.close()
        return
    child = os.fork()
    if child == 0:
        _become(json.loads(message), files)
    for file in files:
        os.close(file)
    waiting.register(os.pidfd_open(child), selectors.EVENT_READ, (child, wire))


def _tell(key: selectors.SelectorKey, waiting: selectors.BaseSelector) -> None:
    child, wire = key.data
    _, status = os.waitpid(child, 0)
    waiting.unregister(key.fileobj)
    os.close(key.fd)
    with wire:
        wire.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(asked: dict[str, Any], files: list[int]) -> NoReturn:
    """From here on this is the command, and nothing else."""
    import cli.main  # noqa: PLC0415

    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        os.closerange(3, 256)
        os.environ.clear()
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdin = os.fdopen(0)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
        sys.argv = ["yangguang", *asked["words"]]
        cli.main.main()
    finally:
        os._exit(70)


if __name__ == "__main__":
    serve(sys.argv[1])
