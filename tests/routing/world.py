"""A small agency with the people of the story, and mail as a neighbour sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select

from mailserver.actor import SYSTEM, Actor
from mailserver.boards.behaviours import behaviours as board_behaviours
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import credentials
from mailserver.directory import principals as directory
from mailserver.directory.passwords import Hashed
from mailserver.directory.principals import PersonData
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.store import entries, folders, messages
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.schema import blob, entry, folder
from mailserver.store.store import Store
from mailserver.teams.behaviours import behaviours as team_behaviours
from routing import intake, journeys, setup
from routing.behaviours import behaviours
from routing.types import Cc, Fields, MessageRef, Registered
from tests.support.snapshots import made_once

DOMAIN = "sxd.hungbinh.example"
NEIGHBOUR = "ubnd.hungbinh.example"
SCAN = b"%PDF-1.4\n" + bytes(range(256)) * 800 + b"\n%%EOF\n"
FIELDS = Fields(
    issuer="UBND tỉnh",
    summary="V/v rà soát quy hoạch phân khu ven sông Lệ",
    number="1482",
    notation="UBND-KTN",
    issued_on=date(2026, 11, 2),
)


@dataclass
class World:
    """The agency. Names are local parts; `id` gives the principal, `actor` the person at a door."""

    store: Store
    agency_id: int
    ids: dict[str, int] = field(default_factory=dict)

    def id(self, name: str) -> int:
        return self.ids[name]

    def actor(self, name: str, door: str = "web", locale: str = "vi") -> Actor:
        return Actor(self.ids[name], self.agency_id, door, locale=locale)

    def folder(self, owner: str, name: str) -> int:
        return self.store.db.read(lambda conn: folders.get(conn, self.ids[owner], name).id)

    def uids(self, owner: str, name: str) -> list[int]:
        """Of the messages in a folder, ascending."""
        folder_id = self.folder(owner, name)
        query = select(entry.c.uid).where(entry.c.folder_id == folder_id).order_by(entry.c.uid)
        return self.store.db.read(lambda conn: list(conn.execute(query).scalars()))

    def octets(self, owner: str, name: str, uid: int | None = None) -> bytes:
        """One message, the latest unless a uid is given."""
        folder_id = self.folder(owner, name)
        query = select(entry.c.message_pk).where(entry.c.folder_id == folder_id).order_by(entry.c.uid.desc())
        if uid is not None:
            query = query.where(entry.c.uid == uid)

        def work(conn: object) -> bytes:
            pk = conn.execute(query).scalars().first()  # type: ignore[attr-defined]
            return messages.read_octets(conn, self.store.blobs, pk)  # type: ignore[arg-type]

        return self.store.db.read(work)

    def move(self, owner: str, source: str, uid: int, target: str, by: str, target_owner: str = "") -> None:
        """As an IMAP client signed in as `by` moves a message."""
        here, there = self.folder(owner, source), self.folder(target_owner or owner, target)
        self.store.db.write(lambda tx: entries.move_tx(tx, here, [uid], there), self.actor(by, "imap"))

    def copy(self, owner: str, source: str, uid: int, target: str, by: str) -> None:
        here, there = self.folder(owner, source), self.folder(owner, target)
        self.store.db.write(lambda tx: entries.copy_tx(tx, here, [uid], there), self.actor(by, "imap"))

    def expunge(self, owner: str, name: str, uid: int, by: str) -> None:
        here = self.folder(owner, name)
        self.store.db.write(lambda tx: entries.expunge_tx(tx, here, [uid]), self.actor(by, "imap"))

    def blobs(self) -> int:
        """How many different blobs the database knows."""
        return len(self.store.db.read(lambda conn: conn.execute(select(blob.c.digest)).all()))

    def arrive(
        self,
        subject: str = "V/v rà soát quy hoạch phân khu ven sông Lệ",
        data: bytes = SCAN,
        name: str = "1482_UBND-KTN.pdf",
    ) -> MessageRef:
        """Put a neighbour's mail with a scan into the agency's INBOX, as a door does."""
        octets = compose(
            Draft(
                from_=Address("UBND tỉnh Hưng Bình", "vanthu", NEIGHBOUR),
                to=(Address("", "sxd", DOMAIN),),
                cc=(),
                bcc=(),
                subject=subject,
                text="Kính gửi Sở Xây dựng.\n",
                date=datetime.now(UTC),
                message_id=new_message_id(NEIGHBOUR),
                attachments=(Attachment(name, "application/pdf", data),),
            )
        )
        prepared = prepare(octets, self.store.blobs)

        def work(tx: Tx) -> MessageRef:
            made = deliver_tx(tx, store_message_tx(tx, prepared), [self.ids["sxd"]])[0]
            return MessageRef(made.folder_id, made.uid)

        return self.store.db.write(work, SYSTEM)

    def reply(self, by: str | None, from_: str, token: str, text: str, **more: object) -> None:
        """Mail to vb+TOKEN@; by: who is signed in, None for mail from outside."""
        local, _, domain = (from_ if "@" in from_ else f"{from_}@{DOMAIN}").rpartition("@")
        octets = compose(
            Draft(
                from_=Address("", local, domain),
                to=(Address("", f"vb+{token}", DOMAIN),),
                cc=(),
                bcc=(),
                subject="Re: văn bản",
                text=text,
                date=datetime.now(UTC),
                message_id=new_message_id(domain),
                **more,  # type: ignore[arg-type]
            )
        )
        self.put_reply(by, token, octets)

    def put_reply(self, by: str | None, token: str, octets: bytes) -> None:
        """The same with octets of the test's own."""
        prepared = prepare(octets, self.store.blobs)
        box = self.store.db.read(lambda conn: folders.get(conn, self.ids["vb"], "INBOX").id)

        def work(tx: Tx) -> None:
            target = entries.Target(box, recipient_detail=token)
            entries.deliver_tx(tx, store_message_tx(tx, prepared), [target], tx.now_s)

        self.store.db.write(work, self.actor(by, "smtp") if by else SYSTEM)

    def registered(self, fields: Fields = FIELDS) -> Registered:
        """A document in the register, from a mail."""
        return intake.register(self.store, self.actor("anhhtk"), self.arrive(), fields, accept_duplicate=True)

    def submitted(self, fields: Fields = FIELDS) -> tuple[int, int]:
        """(document, step) before the director."""
        document_id = self.registered(fields).document_id
        return document_id, journeys.submit(self.store, self.actor("anhhtk"), document_id)

    def with_unit(self, fields: Fields = FIELDS) -> tuple[int, int]:
        """(document, step) in the unit's queue, two people in copy."""
        document_id, step_id = self.submitted(fields)
        cc = (Cc(self.id("diemttn"), "Để biết, theo dõi."), Cc(self.id("hoavc"), "Để biết, theo dõi."))
        made = journeys.assign(
            self.store,
            self.actor("truongpk"),
            step_id,
            self.id("qhkt"),
            "Phòng QHKT rà soát, báo cáo.",
            cc=cc,
            due_on=date(2099, 11, 18),
        )
        return document_id, made

    def with_handler(self, fields: Fields = FIELDS) -> tuple[int, int]:
        """(document, step) with the specialist."""
        document_id, step_id = self.with_unit(fields)
        made = journeys.assign(
            self.store, self.actor("khoivd"), step_id, self.id("vankhain"), "Đ/c Khải dự thảo báo cáo."
        )
        return document_id, made


PEOPLE = (
    ("truongpk", "Phùng", "Khắc", "Trường", "bgd", ()),
    ("diemttn", "Tạ", "Thị Ngọc", "Diễm", "bgd", ()),
    ("vinhbt", "Bùi", "Thế", "Vinh", "vp", ()),
    ("anhhtk", "Huỳnh", "Thị Kim", "Anh", "vp", ("registry",)),
    ("khoivd", "Vương", "Đình", "Khôi", "qhkt", ("unit_head",)),
    ("vankhain", "Nguyễn", "Văn", "Khải", "qhkt", ("specialist",)),
    ("vinhkhain", "Ngô", "Vĩnh", "Khải", "qhkt", ("specialist",)),
    ("lamhs", "Hồ", "Sỹ", "Lâm", "qlxd", ("unit_head",)),
    ("anl", "Lê", "", "Ân", "qlxd", ("specialist",)),
    ("hoavc", "Văn", "Công", "Hòa", "ttkd", ()),
    ("camltm", "Lê", "Thị Mộng", "Cầm", "ttkd", ("registry",)),
)
UNITS = (
    ("bgd", "Ban Giám đốc"),
    ("vp", "Văn phòng"),
    ("qhkt", "Phòng Quy hoạch – Kiến trúc"),
    ("qlxd", "Phòng Quản lý xây dựng"),
    ("ttkd", "Trung tâm Kiểm định"),
)
POSTS = (
    ("giamdoc", "Giám đốc", "bgd", "director", "truongpk"),
    ("pgd", "Phó Giám đốc", "bgd", "deputy_director", "diemttn"),
    ("cvp", "Chánh Văn phòng", "vp", "chief_of_office", "vinhbt"),
)


def build(store: Store, profile: str = "hungbinh", passwords: Hashed | None = None) -> World:
    """Make the agency with everything routing needs. passwords: everybody's; None: nobody has one."""
    store.db.behaviours = {**team_behaviours(), **board_behaviours(), **behaviours(store.blobs)}

    def work(tx: Tx) -> World:
        agency_id = directory.create_agency_tx(tx, "SXD", "Sở Xây dựng tỉnh Hưng Bình", DOMAIN, profile)
        world = World(store, agency_id)
        for code, name in UNITS:
            world.ids[code] = directory.create_unit_tx(tx, agency_id, code.upper(), name, code)
        for local, family, middle, given, unit, roles in PEOPLE:
            data = PersonData(family, middle, given, local, world.ids[unit], roles=roles)
            world.ids[local] = directory.create_person_tx(tx, agency_id, data)
            if passwords is not None:
                credentials.set_password_tx(tx, world.ids[local], passwords)
        for local, name, unit, role, holder in POSTS:
            world.ids[local] = directory.create_post_tx(tx, agency_id, world.ids[unit], name, role, local)
            directory.appoint_tx(tx, world.ids[local], world.ids[holder], date(2026, 1, 1))
        setup.prepare_agency_tx(tx, agency_id)
        world.ids["sxd"] = directory.agency_mailbox(tx.conn, agency_id).id
        found = directory.by_address(tx.conn, f"vb@{DOMAIN}")
        assert found is not None
        world.ids["vb"] = found.id
        return world

    made = made_once(store, ("routing", profile, passwords), lambda: store.db.write(work, SYSTEM))
    return World(store, made.agency_id, dict(made.ids))


PENDING, FINISHED, COPY = (setup.FOLDERS[key] for key in (setup.PENDING, setup.FINISHED, setup.COPY))
REGISTERED = setup.REGISTERED_FOLDER
__all__ = ["COPY", "FINISHED", "PENDING", "REGISTERED", "World", "build", "folder"]
