"""Statistics: numbers that open the list they count, a chart of the same numbers, and the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from routing import statistics
from routing.types import DocumentSummary, Figures
from webmail.auth.current import actor
from webmail.formats import day, today
from webmail.i18n import _
from webmail.registers.views import bp
from webmail.services import services

CHART_WIDTH = 440
KINDS = ("received", "finished", "finished_late", "open", "overdue")


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    count: int
    url: str
    icon: str
    share: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """Lengths in units of the chart."""

    label: str
    finished: int
    open: int
    overdue: int
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    first: date
    last: date
    tiles: list[Tile]
    rows: list[Figures]
    bars: list[Bar]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    first: date
    last: date
    error: str = ""


def period() -> Period:
    """The days asked for; this month for nothing or nonsense, which is said."""
    month = today().replace(day=1)
    try:
        first = date.fromisoformat(request.args.get("tu") or month.isoformat())
        last = date.fromisoformat(request.args.get("den") or today().isoformat())
    except ValueError:
        return Period(month, today(), _("Ngày không hợp lệ; đang xem tháng này."))
    if first > last:
        return Period(month, today(), _("Ngày đầu sau ngày cuối; đang xem tháng này."))
    return Period(first, last)


@bp.get("/bao-cao")
def report() -> ResponseReturnValue:
    """Incoming documents of a period by unit. tu, den: ISO dates, both included."""
    asked, who, now = period(), actor(), services().clock()

    def read(conn: Connection) -> tuple[Figures, list[Figures]]:
        whole = statistics.figures(conn, who, asked.first, asked.last, now=now)[0]
        return whole, statistics.figures(conn, who, asked.first, asked.last, by="unit", now=now)

    whole, units = services().store.db.read(read)
    rows = [one for one in units if one.received]
    page = Report(asked.first, asked.last, _tiles(whole, asked), rows, _bars(rows), asked.error)
    return render_template("registers/report.html", page=page)


@bp.get("/bao-cao/danh-sach")
def report_list() -> ResponseReturnValue:
    """The documents behind one number. so: which; don_vi: unit id, "" for all. 404 for nonsense."""
    asked, who, now = period(), actor(), services().clock()
    kind, unit_id = request.args.get("so", ""), request.args.get("don_vi", type=int)
    if kind not in KINDS:
        abort(404)

    def read(conn: Connection) -> tuple[str, list[DocumentSummary]]:
        lines = statistics.figures(conn, who, asked.first, asked.last, by="unit" if unit_id else "none", now=now)
        line = next((one for one in lines if not unit_id or (one.party and one.party.id == unit_id)), None)
        if line is None:
            abort(404)
        return line.label, statistics.summaries(conn, who, getattr(line, kind), now)

    label, documents = services().store.db.read(read)
    parts = [_names()[kind], label, f"{day(asked.first)} – {day(asked.last)}"]
    title = ", ".join(part for part in parts if part)
    back = url_for("registers.report", tu=asked.first.isoformat(), den=asked.last.isoformat())
    return render_template("registers/report_list.html", title=title, documents=documents, back=back)


def _names() -> dict[str, str]:
    return {
        "received": _("Văn bản đến"),
        "finished": _("Đã giải quyết"),
        "finished_late": _("Giải quyết trễ hạn"),
        "open": _("Đang giải quyết"),
        "overdue": _("Quá hạn"),
    }


def _tiles(whole: Figures, asked: Period) -> list[Tile]:
    icons = {"received": "inbox", "finished": "circle-check", "open": "hourglass", "overdue": "octagon-alert"}
    total = len(whole.received)
    tiles = []
    for kind, icon in icons.items():
        count = len(getattr(whole, kind))
        where: dict[str, Any] = {"tu": asked.first.isoformat(), "den": asked.last.isoformat(), "so": kind}
        share = round(100 * count / total) if total and kind != "received" else None
        url = url_for("registers.report_list", **where)
        tiles.append(Tile(_names()[kind], count, url, icon, share, late=kind == "overdue" and count > 0))
    return tiles


def _bars(rows: list[Figures]) -> list[Bar]:
    most = max((len(one.received) for one in rows), default=0) or 1

    def length(count: int) -> int:
        return round(CHART_WIDTH * count / most)

    return [
        Bar(
            one.label,
            length(len(one.finished)),
            length(len(one.open)),
            length(len(one.overdue)),
            len(one.received),
        )
        for one in rows
    ]
