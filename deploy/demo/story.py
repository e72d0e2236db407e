"""How far the demo's documents have come: registered and passed on through routing's own services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from deploy.demo.tables import DemoAgency, DemoDocument
from mailserver.actor import Actor
from mailserver.directory import principals
from mailserver.store import messages
from mailserver.store.store import Store
from routing import cases, intake, journeys
from routing.types import Cc, Fields, MessageRef, Treatment, Urgency

STAGES = ("", "registered", "submitted", "assigned", "handled", "finished")
CLERK, DIRECTOR = "anhhtk", "truongpk"
# Who is let know of everything that the director assigns.
INFORMED = "vinhbt"
URGENCIES = {
    "normal": Urgency.NORMAL,
    "urgent": Urgency.URGENT,
    "very_urgent": Urgency.VERY_URGENT,
    "flash": Urgency.FLASH,
}


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who acts in the demo."""

    store: Store
    demo: DemoAgency
    agency_id: int

    def id(self, local: str) -> int:
        address = f"{local}@{self.demo.domain}"
        found = self.store.db.read(lambda conn: principals.by_address(conn, address))
        assert found is not None, address
        return found.id

    def actor(self, account: str) -> Actor:
        return Actor(self.id(account), self.agency_id, "web")

    def head(self, unit_local: str) -> str:
        """The account of a unit's head."""
        code = next(unit.code for unit in self.demo.units if unit.local == unit_local)
        return next(post.holder for post in self.demo.posts if post.unit == code)


def walk(store: Store, demo: DemoAgency, documents: list[tuple[DemoDocument, str]], step: Callable[[], None]) -> None:
    """Take each document as far as its table says; those that are in the register already stay as they are.

    documents: with the Message-IDs of the mails that brought them.
    """
    agency_id = store.db.read(lambda conn: principals.agency_of_domain(conn, demo.domain))
    assert agency_id is not None
    cast = _Cast(store, demo, agency_id)
    for document, message_id in documents:
        waiting = _waiting(cast)
        if STAGES.index(document.after) and message_id in waiting:
            _walk_one(cast, document, waiting[message_id])
        step()


def _waiting(cast: _Cast) -> dict[str, MessageRef]:
    """The mails that wait for the clerk, by Message-ID."""
    clerk = cast.actor(CLERK)

    def work(conn: Connection) -> dict[str, MessageRef]:
        queue = intake.queue(conn, clerk)
        ids = messages.load_many(conn, [item.message_pk for item in queue], ["message_id"])
        return {ids[item.message_pk][0]: item.ref for item in queue}

    return cast.store.db.read(work)


def _walk_one(cast: _Cast, document: DemoDocument, ref: MessageRef) -> None:
    store, stage = cast.store, STAGES.index(document.after)
    made = intake.register(store, cast.actor(CLERK), ref, fields(document))
    if stage < STAGES.index("submitted"):
        return
    step = journeys.submit(store, cast.actor(CLERK), made.document_id)
    if stage < STAGES.index("assigned"):
        return
    unit = next(unit for unit in cast.demo.units if unit.local == document.unit)
    readers = (Cc(cast.id(INFORMED), "Để biết, theo dõi đôn đốc."),)
    direction = f"Giao {unit.name} chủ trì tham mưu xử lý theo quy định, báo cáo kết quả đúng hạn."
    step = journeys.assign(store, cast.actor(DIRECTOR), step, cast.id(document.unit), direction, cc=readers)
    if stage < STAGES.index("handled"):
        return
    handler = cast.demo.person(document.handler)
    wish = f"Đồng chí {handler.given} nghiên cứu, dự thảo trình tôi trước hạn 02 ngày."
    step = journeys.assign(store, cast.actor(cast.head(document.unit)), step, cast.id(handler.account), wish)
    journeys.add_opinion(
        store, cast.actor(handler.account), made.document_id, "Đã tiếp nhận, đang thu thập số liệu liên quan."
    )
    if document.after == "finished":
        _finish(cast, document, made.document_id, step)


def _finish(cast: _Cast, document: DemoDocument, document_id: int, step: int) -> None:
    handler = cast.actor(document.handler)
    case = cases.create(cast.store, handler, document.clear_subject[:200])
    cases.file_in_case(cast.store, handler, document_id, case)
    journeys.finish(cast.store, handler, step, "Đã phổ biến, lưu hồ sơ.")


def fields(document: DemoDocument) -> Fields:
    """The line of the register as the clerk types it."""
    number, _, notation = document.number.rpartition("/")
    return Fields(
        issuer=document.office.called,
        summary=document.clear_subject,
        summary_original=document.subject,
        number=number,
        notation=notation,
        issued_on=document.on,
        type_name=document.type_name or "Công văn",
        signer=document.signer[2],
        signer_position=document.signer[1].capitalize(),
        urgency=URGENCIES[document.urgency],
        treatment=Treatment.COMMENT if "góp ý" in document.subject else Treatment.TASK,
        due_on=document.due,
    )
