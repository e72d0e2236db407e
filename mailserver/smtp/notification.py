"""The parameters of RFC 3461: NOTIFY and ORCPT of RCPT, RET and ENVID of MAIL. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailserver.delivery.envelope import Notify, Ret, Wish, from_xtext

Parameters = Mapping[str, str | None]
MAX_ENVID = 100  # characters, RFC 3461 §4.4
MAX_ORCPT = 500  # characters, RFC 3461 §4.2

_TYPE = re.compile(r"[A-Za-z0-9-]{1,60}")


def of_mail(given: Parameters) -> tuple[Ret | None, str]:
    """RET, and ENVID decoded. Raises ValueError."""
    ret, envid = given.get("RET", ""), given.get("ENVID", "")
    if ret is None or envid is None or len(envid) > MAX_ENVID:
        raise ValueError("RET or ENVID")
    return Ret(ret.upper()) if ret else None, from_xtext(envid) if envid else ""


def of_recipient(given: Parameters) -> Wish:
    """NOTIFY and ORCPT. Raises ValueError."""
    notify = _notify(given["NOTIFY"] or "") if "NOTIFY" in given else None
    return Wish(notify, _orcpt(given["ORCPT"] or "") if "ORCPT" in given else "")


def _notify(value: str) -> frozenset[Notify]:
    words = [Notify(word) for word in value.upper().split(",")]
    found = frozenset(words)
    if len(found) != len(words) or (Notify.NEVER in found and len(found) > 1):
        raise ValueError("NOTIFY")
    return found


def _orcpt(value: str) -> str:
    """An address of type utf-8 may come as it is (RFC 6533 §3); all others are xtext."""
    kind, semicolon, coded = value.partition(";")
    if len(value) > MAX_ORCPT or not semicolon or _TYPE.fullmatch(kind) is None:
        raise ValueError("ORCPT")
    if kind.lower() == "utf-8" and not coded.isascii() and coded.isprintable():
        return value
    return f"{kind};{from_xtext(coded)}"
