"""The mail to the registry about a message that is kept because it may not be in the system.

It says that something came, from whom and why it waits, and nothing of what it says: the clerk deals with it by the
procedure for such documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection

from mailbox_policies.forbidden.finding import Kind
from mailbox_policies.rules import virus
from mailbox_policies.rules.forbidden_classes import NAME
from mailserver.delivery import automatic
from mailserver.delivery.keeping import Kept
from mailserver.directory.capabilities import holders_of
from mailserver.directory.offices import REGISTRY
from mailserver.directory.principals import agency_by_id, get
from mailserver.directory.records import office_day
from mailserver.policy import Action
from mailserver.store.blobs import BlobStore
from mailserver.store.database import Tx

_KINDS = {
    "secret": "văn bản MẬT",
    "top-secret": "văn bản TỐI MẬT",
    "most-secret": "văn bản TUYỆT MẬT",
    "complaint": "đơn thư khiếu nại, tố cáo",
    "settlement": "văn bản giải quyết đơn thư",
    "personal": "thư gửi đích danh",
}


# Who of an agency may agree to a document that settles a complaint.
Authorisers = Callable[[Connection, int], Collection[int]]


def _nobody(conn: Connection, agency_id: int) -> Collection[int]:
    return ()


class Clerks:
    """Tells an agency's clerks of each message that the rules forbidden-classes and virus keep; and those who may
    agree to it of one that settles a complaint (04/2017/QĐ-UBND, Điều 4 khoản 3)."""

    def __init__(self, blobs: BlobStore, authorisers: Authorisers = _nobody) -> None:
        self._blobs, self._authorisers = blobs, authorisers

    def __call__(self, tx: Tx, kept_id: int, kept: Kept) -> None:
        """In the transaction that keeps it."""
        agency_id = kept.case.agency_id
        if kept.verdict.rule not in (NAME, virus.NAME) or agency_id is None:
            return
        people = [*holders_of(tx.conn, agency_id, REGISTRY, office_day(tx.now))]
        if kept.verdict.facts.get("kind") == Kind.SETTLEMENT.value:
            people += self._authorisers(tx.conn, agency_id)
        sender = automatic.program(agency_by_id(tx.conn, agency_id).domain)
        subject, lines = _words(kept_id, kept)
        for person_id in dict.fromkeys(people):
            to = automatic.address(get(tx.conn, person_id))
            letter = automatic.Letter(sender, to, subject, "\n".join(lines) + "\n")
            automatic.deliver_own_tx(tx, self._blobs, letter, [person_id])


def _words(kept_id: int, kept: Kept) -> tuple[str, list[str]]:
    verdict, sender, to = kept.verdict, kept.case.sender or "<>", ", ".join(kept.addresses)
    article = f" ({verdict.article})" if verdict.article else ""
    if verdict.rule == virus.NAME:
        name = verdict.facts["virus"]
        return f"Thư cách ly số {kept_id}: có vi-rút", [
            f"Thư ghi là của {sender} gửi {to} có vi-rút {name}{article}.",
            "Thư chưa tới người nhận và được giữ riêng; quản trị viên quyết định.",
            "",
            f"Mail that says it is from {sender} to {to} carries the virus {name}. It is kept apart and was not",
            "delivered; the administrators decide.",
        ]
    kind = _KINDS[str(verdict.facts["kind"])]
    if verdict.action is Action.QUARANTINE:
        return f"Thư cách ly số {kept_id}: xử lý theo quy trình riêng", [
            f"Thư của {sender} gửi {to} có dấu hiệu {kind}{article}.",
            "Thư chưa tới người nhận và được giữ riêng; xử lý theo quy trình riêng.",
            "",
            f"Mail of {sender} to {to} may not pass through this system. It is kept apart and was not delivered;",
            "deal with it by the procedure for such documents.",
        ]
    return f"Thư giữ lại số {kept_id}: chờ quyết định", [
        f"Thư của {sender} gửi {to} có dấu hiệu {kind}{article}.",
        "Thư được giữ lại, chưa tới người nhận, cho tới khi có quyết định.",
        "",
        f"Mail of {sender} to {to} is held under the agency's regulation until somebody decides.",
    ]
