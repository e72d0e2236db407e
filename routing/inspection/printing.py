"""The minutes of an inspection as a PDF to be signed: the same data as the page. Its SHA-256 stands in the audit."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.store import audit
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.inspection import access, minutes
from routing.inspection.access import Act
from routing.inspection.minutes import Minutes
from routing.papers.record import Grid, Part, Record, as_pdf
from routing.standing import standing_of


def pdf(store: Store, actor: Actor, order_id: int, now: datetime) -> bytes:
    """The octets; that somebody took them is a record too, with their SHA-256. Raises DocumentMissing."""

    def gather(conn: Connection) -> Minutes:
        order = access.must(conn, standing_of(conn, actor, now), order_id, Act.MINUTES, now)
        return minutes.gathered(conn, order, now)

    octets = as_pdf(paper(store.db.read(gather)))
    digest = hashlib.sha256(octets).hexdigest()

    def note(tx: Tx) -> None:
        order = access.must(tx.conn, standing_of(tx.conn, tx.actor, tx.now), order_id, Act.MINUTES, tx.now)
        owner_id = order.wish.owner_id
        audit.record_tx(tx, "inspection.minutes", owner_id=owner_id, order=order.id, form="pdf", sha256=digest)

    store.db.write(note, actor)
    return octets


def paper(made: Minutes) -> Record:
    """What stands on the paper; pure."""
    order, wish = made.order, made.order.wish
    facts = [
        ("Hộp thư", f"{made.owner.name} <{made.owner.address}>"),
        ("Căn cứ", f"{wish.reason}{f' ({wish.decision})' if wish.decision else ''}"),
        ("Thư đến", f"từ {wish.first_day:%d/%m/%Y} đến hết {wish.last_day:%d/%m/%Y}"),
        ("Thư mục", ", ".join(wish.folders) or "tất cả"),
        *([("Có từ", wish.words)] if wish.words else []),
        ("Người ra lệnh", f"{made.name(order.ordered_by_id)}, {minutes.clock(order.ordered_at)}"),
    ]
    if order.decided_by_id is not None and order.decided_at is not None:
        facts += [("Người thứ hai xác nhận", f"{made.name(order.decided_by_id)}, {minutes.clock(order.decided_at)}")]
    facts += [
        ("Người kiểm tra", ", ".join(made.name(one) for one in wish.inspectors)),
        ("Hết hạn", minutes.clock(order.ended_at or wish.ends_at)),
    ]
    seen = [
        (
            str(one.number),
            f"{one.subject or '(không có tiêu đề)'}\n{one.folder}, đến {minutes.clock(one.arrived)}",
            f"{minutes.clock(one.opened_at)}, {one.opened_by}",
            one.digest,
        )
        for one in made.seen
    ]
    records = [
        (
            str(one.id),
            minutes.clock(one.at),
            made.name(one.actor_id),
            ": ".join(filter(None, (minutes.act(one), minutes.details(made, one)))),
        )
        for one in made.records
    ]
    return Record(
        agency=made.agency,
        title="Kiểm tra hộp thư",
        about=f"Lệnh số {order.id}",
        made_at=made.made_at,
        facts=facts,
        parts=(
            Part(
                f"I. Thư đã mở ({len(seen)})",
                grid=Grid(("Số", "Thư", "Mở lúc, bởi", "SHA-256 của thư gốc"), seen, (12, 64, 36, 50)),
                empty="Chưa mở thư nào.",
            ),
            Part(
                f"II. Nhật ký ({len(records)})",
                grid=Grid(("Bản ghi", "Lúc", "Ai", "Việc"), records, (18, 30, 36, 78)),
            ),
        ),
        seals=(
            f"Nhật ký hệ thống đến bản ghi số {made.head.id}, SHA-256 {made.head.hash.hex()}.",
            f"Lập lúc {minutes.clock(made.made_at)}. SHA-256 của tệp này được ghi vào nhật ký khi lập.",
        ),
        signers=("Người kiểm tra", "Người ra lệnh"),
    )
