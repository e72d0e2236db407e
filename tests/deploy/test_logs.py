"""Log lines: what is written at once is what structlog's processors would write."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from deploy import logs
from deploy.config import LogSettings


@pytest.fixture
def formatter() -> Iterator[logging.Formatter]:
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level, chatty = root.level, {name: logging.getLogger(name).level for name in ("mail.log", "uvicorn.error")}
    flags = logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    logs.configure(LogSettings(format="json"))
    found = root.handlers[0].formatter
    assert found is not None
    yield found
    root.handlers[:] = before
    root.setLevel(level)
    for name, its in chatty.items():
        logging.getLogger(name).setLevel(its)
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = flags
    structlog.reset_defaults()


def record(message: str, *args: object, **beside: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "mailserver.smtp", "levelname": "WARNING", "msg": message, "args": args})
    vars(made).update(beside)
    return made


@pytest.mark.parametrize(
    ("message", "args"),
    [("%s: %s octets=%d", ("192.0.2.1", "thư “mật”", 7)), ('a "quote" \\ and\na line\x00\x1b[0m', ()), ("100 %", ())],
)
def test_a_plain_line_is_what_structlog_writes(
    formatter: logging.Formatter, message: str, args: tuple[object, ...]
) -> None:
    plain = formatter.format(record(message, *args))
    whole = structlog.stdlib.ProcessorFormatter.format(formatter, record(message, *args))  # type: ignore[arg-type]
    ours, theirs = json.loads(plain), json.loads(whole)
    assert list(ours) == list(theirs) == ["event", "level", "logger", "timestamp"]
    assert ours.pop("timestamp")[-1] == theirs.pop("timestamp")[-1] == "Z"
    assert ours == theirs
    assert "\n" not in plain


def test_what_is_more_than_a_text_is_told_whole(formatter: logging.Formatter) -> None:
    assert json.loads(formatter.format(record("x", queue="a1")))["queue"] == "a1"
    try:
        raise ValueError("why")
    except ValueError:
        told = json.loads(formatter.format(record("failed", exc_info=sys.exc_info())))
    assert "ValueError: why" in told["exception"]
    with structlog.contextvars.bound_contextvars(peer="192.0.2.1"):
        assert json.loads(formatter.format(record("x")))["peer"] == "192.0.2.1"
