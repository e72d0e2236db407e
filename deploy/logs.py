"""Log lines on standard error: readable ones on a terminal, one JSON object a line otherwise."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from deploy.config import LogSettings

_string = json.JSONEncoder(ensure_ascii=False).encode
# What every record of the standard library has; what `extra` adds is beside it.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class PlainLines(structlog.stdlib.ProcessorFormatter):
    """Writes the JSON of records that are no more than a text at once: the doors have one such line a message, and
    through structlog's processors it costs as much as reading a header. All others go through those."""

    def format(self, record: logging.LogRecord) -> str:
        if (
            not isinstance(record.msg, str)
            or record.exc_info
            or record.stack_info
            or structlog.contextvars.get_contextvars()
        ):
            return super().format(record)
        if not vars(record).keys() <= _USUAL:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat()[:-6] + "Z"
        text, name = _string(record.getMessage()), _string(record.name)
        return f'{{"event": {text}, "level": "{record.levelname.lower()}", "logger": {name}, "timestamp": "{at}"}}'


def configure(settings: LogSettings) -> None:
    """Send structlog's and the standard library's records to standard error."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter if console else PlainLines
    handler.setFormatter(
        formatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    # No line tells these, and finding them out costs as much as the line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These tell of every connection and every start; what matters of that we log ourselves.
    for chatty in ("mail.log", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
