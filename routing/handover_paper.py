"""The minutes of a hand-over as a PDF to be signed (123/QĐ-SCT, Điều 5): the same data as the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import departures, principals
from mailserver.directory.departures import Cause, Departure
from mailserver.directory.errors import NoSuchDeparture
from mailserver.directory.records import OFFICE_ZONE, Principal
from mailserver.store import auditrecords
from mailserver.store.auditrecords import Record as Entry
from routing.handover import digest
from routing.papers.record import Grid, Part, Record, as_pdf
from routing.staff_accounts import require_own

_CAUSES = {Cause.RETIREMENT: "nghỉ hưu", Cause.TRANSFER: "chuyển công tác"}


@dataclass(frozen=True, slots=True)
class Handover:
    """minutes: what was kept on the day. entry: the record of it in the audit."""

    agency: str
    who: Principal
    leaving: Departure
    minutes: Mapping[str, Any]
    done_at: datetime
    entry: Entry | None


def pdf(conn: Connection, actor: Actor, now: datetime, person_id: int) -> bytes:
    """The octets, always the same. Raises Forbidden, NoSuchPrincipal, NoSuchDeparture: nothing was handed over yet."""
    who = require_own(conn, actor, person_id, now)
    leaving = departures.of_person(conn, who.id)
    if leaving is None or leaving.minutes is None or leaving.done_at is None:
        raise NoSuchDeparture(person_id)
    since = round(leaving.done_at.timestamp() * 1000)
    entry = next(iter(auditrecords.about(conn, who.id, ["departure.done"], since)), None)
    agency = principals.agency_by_id(conn, who.agency_id).name
    return as_pdf(paper(Handover(agency, who, leaving, leaving.minutes, leaving.done_at, entry)))


def paper(made: Handover) -> Record:
    """What stands on the paper; pure."""
    kept, leaving = made.minutes, made.leaving
    folders = [
        (one["name"], str(one["messages"]), str(one["unseen"]), f"{one['size']:,}".replace(",", "."))
        for one in kept["folders"]
    ]
    documents = [(f"{one['number']}/{one['year']}", one["summary"], one["due_on"] or "") for one in kept["documents"]]
    seals = [f"SHA-256 của nội dung bàn giao: {digest(kept)}."]
    if made.entry is not None:
        seals += [f"Nhật ký hệ thống: bản ghi số {made.entry.id}, SHA-256 {made.entry.hash.hex()}."]
    return Record(
        agency=made.agency,
        title="Bàn giao hộp thư và văn bản",
        about=f"{made.who.name}, {_CAUSES[leaving.cause]}",
        made_at=made.done_at,
        facts=(
            ("Hộp thư", kept["address"]),
            ("Văn bản quyết định", leaving.approval),
            ("Khóa từ ngày", f"{leaving.starts_on:%d/%m/%Y}"),
            ("Bên tiếp nhận", kept["keeper"] or "—"),
            ("Bàn giao lúc", f"{made.done_at.astimezone(OFFICE_ZONE):%H:%M %d/%m/%Y}"),
        ),
        parts=(
            Part(
                "I. Hộp thư",
                grid=Grid(("Thư mục", "Số thư", "Chưa đọc", "Dung lượng (byte)"), folders, (78, 24, 24, 36)),
            ),
            Part("II. Văn bản đang xử lý", grid=Grid(("Số đến", "Trích yếu", "Hạn"), documents, (28, 104, 30))),
            Part("III. Chức vụ và quyền đã chấm dứt", lines=[*kept["posts"], *kept["grants"]]),
        ),
        seals=seals,
        signers=("Bên giao", "Bên nhận"),
    )
