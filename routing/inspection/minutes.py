"""Biên bản: what was seen by an order, when, by whom, with hashes; made of the records of the audit and nothing else.

As a page, as text, and as a zip with the opened originals (`packing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.directory.records import OFFICE_ZONE, Principal
from mailserver.store import audit, auditrecords, raw
from mailserver.store.audit import Head
from mailserver.store.auditrecords import Record
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.inspection import access
from routing.inspection.access import Act
from routing.inspection.orders import Order
from routing.standing import standing_of

PREFIX = "inspection."
ACTS = {
    "ordered": "ra lệnh",
    "confirmed": "xác nhận lệnh",
    "refused": "từ chối xác nhận",
    "withdrawn": "rút lệnh",
    "listed": "xem danh sách thư",
    "searched": "tìm trong thư",
    "opened": "mở thư",
    "file": "mở tệp",
    "downloaded": "tải thư",
    "ended": "lệnh kết thúc",
    "closed": "đóng lệnh",
    "told": "báo chủ hộp thư",
    "minutes": "lấy biên bản",
}
_LOOKS = ("opened", "downloaded", "file")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was opened. message_pk: None if it is held no longer. digest: hexadecimal, of all its octets."""

    number: int
    folder: str
    arrived: datetime
    subject: str
    digest: str
    opened_at: datetime
    opened_by: str
    message_pk: int | None

    @property
    def file(self) -> str:
        """Its name in the zip."""
        return f"thu/{self.number:06}.eml"


@dataclass(frozen=True, slots=True)
class Minutes:
    """head: of the audit when the minutes were made. names: of all people in them, by id."""

    order: Order
    owner: Principal
    agency: str
    records: tuple[Record, ...]
    seen: tuple[Seen, ...]
    head: Head
    names: Mapping[int, str]
    made_at: datetime

    def name(self, person_id: int | None) -> str:
        return "hệ thống" if person_id is None else self.names.get(person_id, str(person_id))


def of(store: Store, actor: Actor, order_id: int) -> Minutes:
    """As of now; that somebody took them is a record too. Raises DocumentMissing."""

    def work(tx: Tx) -> Minutes:
        order = access.must(tx.conn, standing_of(tx.conn, tx.actor, tx.now), order_id, Act.MINUTES, tx.now)
        made = gathered(tx.conn, order, tx.now)
        audit.record_tx(tx, "inspection.minutes", owner_id=order.wish.owner_id, order=order.id, form="page")
        return made

    return store.db.write(work, actor)


def as_text(made: Minutes) -> str:
    """The minutes to be printed and signed."""
    return "\r\n".join(_paragraphs(made)) + "\r\n"


def details(made: Minutes, record: Record) -> str:
    """What was looked at, in words."""
    known, parts = record.detail, []
    if "words" in known and record.action == f"{PREFIX}searched":
        parts.append(f"từ “{known['words']}”")
    if known.get("items"):
        parts.append(f"thư số {known['items']}")
    if "item" in known:
        parts.append(f"thư số {known['item']}")
    if known.get("name") or known.get("part"):
        parts.append(f"tệp {known.get('name') or known['part']}")
    if digest := known.get("file_sha256") or known.get("sha256"):
        parts.append(f"SHA-256 {digest}")
    return ", ".join(parts)


def act(record: Record) -> str:
    return ACTS.get(record.action.removeprefix(PREFIX), record.action)


def records_of(conn: Connection, order: Order) -> list[Record]:
    """Everything in the audit about an order, the oldest first."""
    since = round(order.ordered_at.timestamp() * 1000)
    found = auditrecords.about(conn, order.wish.owner_id, [PREFIX + one for one in ACTS], since)
    return [one for one in found if one.detail.get("order") == order.id]


def gathered(conn: Connection, order: Order, now: datetime) -> Minutes:
    """The minutes as of now. now: aware."""
    records = records_of(conn, order)
    people = {order.ordered_by_id, *order.wish.inspectors, *(one.actor_id for one in records if one.actor_id)}
    people |= {order.decided_by_id} if order.decided_by_id is not None else set()
    names = {key: one.name for key, one in principals.get_many(conn, people).items()}
    return Minutes(
        order=order,
        owner=principals.get(conn, order.wish.owner_id),
        agency=principals.agency_by_id(conn, order.agency_id).name,
        records=tuple(records),
        seen=tuple(_seen(conn, order, records, names)),
        head=audit.head(conn),
        names=names,
        made_at=now,
    )


def _seen(conn: Connection, order: Order, records: Sequence[Record], names: Mapping[int, str]) -> Iterator[Seen]:
    items = raw.rows(
        conn,
        "SELECT number, folder, internal_date, message_pk, held FROM inspection_item"
        " WHERE order_id = ? AND opened_at IS NOT NULL ORDER BY number",
        (order.id,),
    )
    looks = [one for one in records if one.action.removeprefix(PREFIX) in _LOOKS]
    for number, folder, internal_date, message_pk, held in items:
        first = next(one for one in looks if one.detail.get("item") == number)
        yield Seen(
            number=number,
            folder=folder,
            arrived=datetime.fromtimestamp(internal_date, OFFICE_ZONE),
            subject=str(first.detail["subject"]),
            digest=str(first.detail["sha256"]),
            opened_at=first.at,
            opened_by="" if first.actor_id is None else names.get(first.actor_id, ""),
            message_pk=message_pk if held else None,
        )


def _paragraphs(made: Minutes) -> Iterator[str]:
    order, wish = made.order, made.order.wish
    yield made.agency.upper()
    yield ""
    yield "BIÊN BẢN KIỂM TRA HỘP THƯ"
    yield f"Lệnh số {order.id}{f', {wish.decision}' if wish.decision else ''}"
    yield ""
    yield f"Hộp thư: {made.owner.name} <{made.owner.address}>"
    yield f"Căn cứ: {wish.reason}"
    yield f"Thư đến từ {wish.first_day:%d/%m/%Y} đến {wish.last_day:%d/%m/%Y}"
    yield f"Thư mục: {', '.join(wish.folders) or 'tất cả'}{f'; có từ “{wish.words}”' if wish.words else ''}"
    yield f"Người ra lệnh: {made.name(order.ordered_by_id)}, {clock(order.ordered_at)}"
    if order.decided_by_id is not None and order.decided_at is not None:
        yield f"Người xác nhận: {made.name(order.decided_by_id)}, {clock(order.decided_at)}"
    yield f"Người kiểm tra: {', '.join(made.name(one) for one in wish.inspectors)}"
    yield f"Hết hạn: {clock(order.ended_at or wish.ends_at)}"
    yield ""
    yield f"I. THƯ ĐÃ MỞ ({len(made.seen)})"
    for one in made.seen:
        yield f"{one.number}. {one.subject or '(không có tiêu đề)'}"
        yield f"   {one.folder}, đến {clock(one.arrived)}; mở {clock(one.opened_at)}, {one.opened_by}"
        yield f"   SHA-256 {one.digest}"
    yield ""
    yield f"II. NHẬT KÝ ({len(made.records)})"
    for record in made.records:
        said = details(made, record)
        yield f"{clock(record.at)}  {made.name(record.actor_id)}: {act(record)}{f' ({said})' if said else ''}"
    yield ""
    yield f"Nhật ký hệ thống đến bản ghi số {made.head.id}, SHA-256 {made.head.hash.hex()}"
    yield f"Lập lúc {clock(made.made_at)}"
    yield ""
    yield "Người kiểm tra: ……………………          Người ra lệnh: ……………………"


def clock(moment: datetime) -> str:
    """To the second, by the office's clock."""
    return f"{moment.astimezone(OFFICE_ZONE):%H:%M:%S %d/%m/%Y}"
