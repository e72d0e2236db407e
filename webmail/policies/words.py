"""How modes and outcomes are called on the page."""

from __future__ import annotations

from typing import Any

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailserver.policy import Action, Cause, Verdict
from mailserver.sizes import exact
from webmail.formats import size
from webmail.i18n import _


def mode(one: Mode | None) -> tuple[str, str]:
    """What a tag says, and its colour; None: as the regulation has it."""
    if one is None:
        return _("theo quy chế"), "grey"
    return {
        Mode.OFF: (_("Tắt"), "grey"),
        Mode.TRIAL: (_("Chạy thử"), "blue"),
        Mode.WARN: (_("Nhắc"), "amber"),
        Mode.ENFORCE: (_("Chặn"), "green"),
    }[one]


def meaning(rule: Rule[Any], one: Mode) -> str:
    if one in rule.meanings:
        return _(rule.meanings[one])
    return {
        Mode.OFF: _("không xét"),
        Mode.TRIAL: _("chỉ ghi lại, không ai thấy gì"),
        Mode.WARN: _("ghi lại, trên web hỏi người gửi trước khi gửi"),
        Mode.ENFORCE: _("làm đúng như quy tắc nói"),
    }[one]


def outcome(action: Action) -> str:
    return {
        Action.ACCEPT: _("cho qua"),
        Action.REJECT: _("từ chối"),
        Action.HOLD: _("giữ lại chờ đồng ý"),
        Action.QUARANTINE: _("cách ly"),
        Action.REDIRECT: _("chuyển hướng"),
        Action.ANNOTATE: _("ghi lại"),
        Action.JUNK: _("vào thư rác"),
        Action.DEFER: _("hẹn gửi lại sau"),
    }[action]


def cause(verdict: Verdict) -> str:
    """Why, with what was found; "" for what needs no reason."""
    why = {
        Cause.TOO_LARGE: _("quá cỡ"),
        Cause.NOT_AUTHENTIC: _("không rõ người gửi"),
        Cause.FORBIDDEN_CLASS: _("loại văn bản không được đưa lên hệ thống"),
        Cause.NEEDS_CONSENT: _("cần người gửi gốc đồng ý"),
        Cause.DANGEROUS_FILE: _("tệp nguy hiểm"),
        Cause.VIRUS: _("có vi-rút"),
        Cause.SPAM: _("giống thư rác"),
        Cause.NOT_SCANNED: _("chưa quét được"),
        Cause.TOO_FAST: _("gửi quá nhịp"),
        Cause.TOO_MANY: _("quá nhiều người nhận"),
        Cause.UNUSUAL_SENDING: _("gửi bất thường"),
    }.get(verdict.cause)
    if why is None:
        return ""
    names = {
        "limit": _("mức"),
        "size": _("cỡ"),
        "agency": _("cơ quan"),
        "file": _("tệp"),
        "virus": _("vi-rút"),
        "count": _("số người"),
        "minutes": _("phút"),
        "domain": _("tên miền"),
        "authors": _("người gửi gốc"),
        "days": _("số ngày"),
        "lists": _("danh sách"),
        "points": _("điểm"),
        "used": _("đã gửi"),
    }
    large = verdict.cause is Cause.TOO_LARGE
    found = [
        f"{names.get(name, name)}: {size(value) if large and isinstance(value, int) else value}"
        for name, value in verdict.facts.items()
    ]
    return ", ".join([why, *found])


def shown(field: Field, value: object) -> str:
    """A setting's value in words, for the history."""
    if field.kind is Kind.CHOICE:
        return next((_(label) for one, label in field.choices if one == value), str(value))
    if field.kind is Kind.OCTETS and isinstance(value, int):
        return exact(value)
    if field.kind is Kind.FLAG:
        return _("có") if value else _("không")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
