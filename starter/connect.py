"""The one place that opens a connection to the engine.

Client, worker, replayer and tests must speak with the same data converter, or payloads written
by one cannot be read by another; so there is one factory and a lint rule that forbids others.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConnectConfig
from temporalio.service import RPCError

from schemas.errors import UnavailableError

_CONNECT_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True)
class Engine:
    """Where a Temporal engine is reached, and whose it is."""

    address: str
    """`host:port` of the frontend."""
    namespace: str
    owned: bool
    """Started by this process, and stopped by it."""
    embedded: bool = True
    """The home's own engine; False for a cluster named by a TEMPORAL_* profile."""
    time_skipping: bool = False
    """Workflows may be moved forward in time: simulation homes only, never evidence."""
    options: ClientConnectConfig = field(default_factory=ClientConnectConfig, repr=False)
    """TLS, API key and metadata of the profile; kept out of `repr` because it holds secrets."""


async def connect(engine: Engine, *, lazy: bool = False) -> Client:
    """Connect to `engine` as `yangguang@<host>:<pid>`: at once, or `lazy`, when something is asked of it.

    Raises UnavailableError where nobody answers or the caller is not let in.
    """
    options: ClientConnectConfig = {**engine.options}
    options["target_host"], options["namespace"] = engine.address, engine.namespace
    try:
        return await Client.connect(
            **options,
            data_converter=pydantic_data_converter,
            connect_timeout=_CONNECT_TIMEOUT,
            lazy=lazy,
            identity=f"yangguang@{socket.gethostname()}:{os.getpid()}",
        )
    except (RuntimeError, RPCError) as error:
        raise UnavailableError(
            f"无法连接引擎 / cannot reach the engine at {engine.address}: {_cause(error)}"
        ) from error


def _cause(error: Exception) -> str:
    """What the other side or the system said, out of the library's nested description."""
    said = re.findall(r'message: "([^"]+)"', str(error))
    return said[-1] if said else str(error).partition("\n")[0][:200]
