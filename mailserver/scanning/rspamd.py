"""The protocol of rspamd: HTTP, /checkv2 with the message as the body and its envelope in fields."""

from __future__ import annotations

import http.client
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailserver.scanning.found import Advice, NoAnswer, Opinion, Why
from mailserver.scanning.wire import Place, exchange

MOST_ANSWER = 1024 * 1024
MOST_SYMBOLS = 20
# Recipients that are named: rspamd counts them, and looks at the first.
MOST_RECIPIENTS = 100
_ADVICE = {
    "no action": Advice.NONE,
    "greylist": Advice.NONE,
    "add header": Advice.MARK,
    "rewrite subject": Advice.MARK,
    "quarantine": Advice.MARK,
    "soft reject": Advice.DELAY,
    "reject": Advice.REJECT,
    "discard": Advice.REJECT,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the envelope: "" for what is not known. sender: "" for the null path. user: who has signed in."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    queue_id: str = ""
    ip: str = ""
    helo: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Rspamd:
    """A normal worker of rspamd. seconds, most, places: as for `Clamd`."""

    at: Place
    password: str = field(default="", repr=False)
    seconds: float = 10.0
    most: int = 26_214_400
    places: int = 4

    def ping(self, seconds: float) -> None:
        """Raises NoAnswer."""
        self._ask("GET", "/ping", (), b"", seconds)

    def version(self, seconds: float) -> str:
        """What the program calls itself: "rspamd/3.4". Raises NoAnswer."""
        return self._ask("GET", "/ping", (), b"", seconds).headers.get("Server", "rspamd")

    def check(self, octets: bytes, facts: Facts) -> Opinion:
        """octets: as they came, without what this server puts in front. Raises NoAnswer."""
        if len(octets) > self.most:
            raise NoAnswer(Why.TOO_LARGE, f"{len(octets)} octets")
        answer = self._ask("POST", "/checkv2", _fields(facts), octets, self.seconds)
        try:
            return opinion(json.loads(answer.read()))
        except (ValueError, TypeError, RecursionError, http.client.HTTPException) as fault:
            raise NoAnswer(Why.CONFUSED, repr(fault)) from fault

    def _ask(
        self, method: str, path: str, fields: tuple[tuple[str, str], ...], body: bytes, seconds: float
    ) -> http.client.HTTPResponse:
        own = [("Host", "rspamd"), ("Connection", "close"), ("Content-Length", str(len(body)))]
        if self.password:
            own.append(("Password", self.password))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {_safe(value)}" for name, value in (*own, *fields)), "", ""]
        told = exchange(self.at, ["\r\n".join(lines).encode(), body], seconds, MOST_ANSWER)
        response = http.client.HTTPResponse(_Told(told))  # type: ignore[arg-type]
        try:
            response.begin()
        except (http.client.HTTPException, ValueError) as fault:
            raise NoAnswer(Why.CONFUSED, repr(fault)) from fault
        if response.status != 200:
            raise NoAnswer(Why.CONFUSED, f"{response.status} {_safe(response.reason)}")
        return response


class _Told:
    """What has come, where the standard library expects a socket."""

    def __init__(self, told: bytes) -> None:
        self._told = told

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._told)


def opinion(told: Any) -> Opinion:
    """What an answer of /checkv2 says; an action that is not rspamd's own is none. Raises NoAnswer."""
    if not isinstance(told, dict) or not isinstance(told.get("action"), str):
        raise NoAnswer(Why.CONFUSED, "no action")
    score = told.get("score")
    symbols = told.get("symbols")
    return Opinion(
        _ADVICE.get(told["action"], Advice.NONE),
        float(score) if isinstance(score, int | float) else 0.0,
        _weightiest(symbols if isinstance(symbols, dict) else {}),
    )


def _weightiest(symbols: Mapping[str, Any]) -> tuple[str, ...]:
    weights = {
        name: abs(float(one["score"]))
        for name, one in symbols.items()
        if isinstance(one, dict) and isinstance(one.get("score"), int | float)
    }
    return tuple(sorted(weights, key=lambda name: (-weights[name], name))[:MOST_SYMBOLS])


def _fields(facts: Facts) -> tuple[tuple[str, str], ...]:
    known = (("IP", facts.ip), ("Helo", facts.helo), ("Queue-Id", facts.queue_id), ("User", facts.user))
    recipients = tuple(("Rcpt", one) for one in facts.recipients[:MOST_RECIPIENTS])
    return (*((name, value) for name, value in known if value), ("From", facts.sender), *recipients)


def _safe(value: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in value)
