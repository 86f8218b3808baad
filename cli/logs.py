"""One log for our own code and the libraries: to standard error, as text or JSON lines.

No personal data is logged: codes, ids and counts only. The level is YANGGUANG_LOG_LEVEL
(default `warning`), the form YANGGUANG_LOG_FORMAT (`text` or `json`).
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path

import structlog
from structlog.types import Processor
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from schemas.errors import UsageError
from starter.home import Home

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logging() -> None:
    """Send every log record through one formatter. Raises UsageError on an unknown level or format."""
    level = os.environ.get("YANGGUANG_LOG_LEVEL", "warning").upper()
    if level not in logging.getLevelNamesMapping():
        raise UsageError(f"YANGGUANG_LOG_LEVEL: 不认识的级别 / unknown level {level}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def forward_engine_logs() -> None:
    """Send the Temporal library's messages here too: its own way is standard output, where answers go.

    Once for a process, before its first connection.
    """
    quiet = TelemetryFilter(core_level="WARN", other_level="ERROR")
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"))
    telemetry = TelemetryConfig(logging=LoggingConfig(quiet, forwarding))
    Runtime.set_default(Runtime(telemetry=telemetry))


def keep_traceback(home: Home, error: Exception) -> Path:
    """Append the traceback of an unexpected error to the home's `logs/errors.log`; gives its path."""
    path = home.logs / "errors.log"
    with path.open("a", encoding="utf-8") as log:
        path.chmod(0o600)
        log.write("".join(traceback.format_exception(error)) + "\n")
    return path


def _renderers() -> list[Processor]:
    match os.environ.get("YANGGUANG_LOG_FORMAT", "text"):
        case "text":
            return [
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty() and "NO_COLOR" not in os.environ,
                    # local variables hold personal data
                    exception_formatter=structlog.dev.plain_traceback,
                )
            ]
        case "json":
            return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        case other:
            raise UsageError(f"YANGGUANG_LOG_FORMAT: 只能是 text 或 json / must be text or json, not {other}")
