"""A day at the office: mail with scans, HTML mail, documents at every stage of their way."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from PIL import Image

from deploy.demo import paper
from deploy.demo.paper import Sheet
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.verdict import Article, Case, Cause, Stage, hold, quarantine
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.keeping import Kept
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.directory import principals
from mailserver.directory.resolve import Mailbox
from mailserver.directory.rights import Right
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose, new_message_id
from mailserver.store import folders, openings
from mailserver.store.database import Tx
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.teams import service, viewers
from routing import cases, intake, journeys
from routing.delegation import giving
from routing.delegation.mandates import Wish
from routing.types import Cc, Fields, MessageRef, Urgency
from tests.routing.world import DOMAIN, NEIGHBOUR, World
from tests.support import oldencodings
from tests.webmail.mail.pdfs.papers import Paper, jpeg
from webmail.mail.drafting import Beginning
from webmail.mail.outgoing import Written, keep_draft

OFFICES = {
    "ubnd": ("UBND tỉnh Hưng Bình", f"vanthu@{NEIGHBOUR}"),
    "stc": ("Sở Tài chính", "stc@stc.hungbinh.example"),
    "snv": ("Sở Nội vụ", "snv@snv.hungbinh.example"),
    "bxd": ("Bộ Xây dựng", "vanthu@boxaydung.example"),
}
BODY = (
    "Ủy ban nhân dân tỉnh nhận được phản ánh của cử tri về việc chồng lấn ranh giới giữa đồ án quy hoạch phân khu "
    "ven sông Lệ và quy hoạch thủy lợi đã được phê duyệt.",
    "Chủ tịch Ủy ban nhân dân tỉnh có ý kiến như sau: giao Sở Xây dựng chủ trì, phối hợp với các đơn vị liên quan rà "
    "soát toàn bộ ranh giới, chỉ giới xây dựng và hành lang bảo vệ bờ sông trong phạm vi đồ án.",
    "Kết quả rà soát kèm phương án điều chỉnh (nếu có) báo cáo Ủy ban nhân dân tỉnh trước ngày 20/11/2026.",
)
PAPERS = (
    ("ubnd", "1482/UBND-KTN", "V/v rà soát quy hoạch phân khu ven sông Lệ, báo cáo trước 20/11/2026", 20),
    ("stc", "905/STC-NS", "V/v góp ý dự thảo dự toán ngân sách năm 2027", 17),
    ("snv", "550/SNV-CCVC", "V/v đánh giá, xếp loại công chức năm 2026", 12),
    ("bxd", "08/BXD-QLN", "V/v báo cáo kết quả phát triển nhà ở xã hội quý IV/2026", 12),
    ("ubnd", "1490/UBND-NC", "V/v giải quyết kiến nghị của công dân xã Đông Sa về cấp giấy phép xây dựng", 9),
    ("stc", "911/STC-HCSN", "V/v quyết toán kinh phí chương trình phát triển đô thị năm 2026", 6),
    ("ubnd", "77/CĐ-UBND", "Công điện ứng phó bão số 12, kiểm tra công trình đang thi công", 2),
)
LETTERS = (
    ("khoivd", "truongpk", "Lịch khảo sát hiện trường khu ven sông Lệ",
     "Kính gửi anh Trường,\n\nPhòng QHKT đề xuất khảo sát sáng thứ Năm, 8 giờ xuất phát tại Sở. Bản đồ: "
     "https://bando.hungbinh.example/song-le\n\nTrân trọng,\nKhôi"),
    ("diemttn", "truongpk", "Re: Kết luận giao ban tuần 47",
     "Anh Trường,\n\nEm đã bổ sung mục 3.\n\n> Chị xem giúp mục 3 còn thiếu tiến độ.\n> Cảm ơn chị.\n\nDiễm"),
    ("anhhtk", "truongpk", "Văn bản trình ký chiều nay", "Kính gửi anh,\nCó 3 văn bản cần ký trước 16 giờ.\nKim Anh"),
    ("vinhbt", "anhhtk", "Sửa danh sách nơi nhận", "Chị Anh cập nhật giúp danh sách nơi nhận theo công văn mới nhé."),
    ("vankhain", "khoivd", "Dự thảo báo cáo rà soát", "Anh Khôi xem giúp em dự thảo ạ.\nKhải"),
)  # fmt: skip
# Typed in the fonts of the nineties.
OLD = {
    "author": "HTX Bàu Tre",
    "subject": "27/CV-HTX: V/v đấu nối cấp nước",
    "text": "Kính gửi: Sở Xây dựng\n\nHợp tác xã Bàu Tre đã hoàn thành tuyến ống cấp nước nội bộ.\n"
    "Đề nghị hướng dẫn thủ tục đấu nối vào mạng lưới chung.\n\nĐoàn Văn Tích",
}
UNIT_MAIL = (
    ("Hỏi thủ tục cấp giấy phép quy hoạch", 90),
    ("V/v cung cấp số liệu dân số các phân khu đô thị phía Nam tỉnh phục vụ lập quy hoạch", 60),
    ("Xin bản đồ ranh giới khu vực ven sông Lệ", 50),
    ("Đề nghị góp ý dự thảo quy chế quản lý kiến trúc", 30),
    ("Mời họp thẩm định đồ án quy hoạch chi tiết", 3),
    ("Xin số liệu đất ở đô thị năm 2026", 1),
)
HTML = """<html><head><style>p{margin:0 0 1em}</style></head><body style="font-family:Arial">
<p>Kính gửi quý cơ quan,</p><p>Sở Thông tin mời dự
<b>hội thảo chuyển đổi số</b> ngày <span style="color:#b00">05/12</span>.</p>
<table border="1" cellpadding="6" style="border-collapse:collapse"><tr style="background-color:#e8eef5"><th>Giờ</th>
<th>Nội dung</th></tr><tr><td>08:00</td><td>Đón tiếp</td></tr><tr><td>08:30</td><td>Khai mạc</td></tr></table>
<p>Đăng ký tại <a href="https://hoithao.example/dk">trang hội thảo</a>.</p>
<img src="http://theodoi.example/pixel.gif"><script>alert(1)</script></body></html>"""


def scan(office: str, code: str, subject: str, on: date, pages: int = 2) -> bytes:
    """The paper as a PDF with its text."""
    name = OFFICES[office][0]
    urgency = "HỎA TỐC" if "CĐ" in code else ""
    sheet = Sheet(
        "", name.upper(), code, "Hưng Bình", on, "Công điện" if urgency else "", subject, "Sở Xây dựng",
        BODY * pages, ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Hữu Thuận"), ("Như trên", "Lưu: VT"), urgency,
    )  # fmt: skip
    return paper.render(sheet)


def arrive(world: World, office: str, code: str, subject: str, on: date) -> MessageRef:
    """The neighbour's mail in the agency's INBOX."""
    name, address = OFFICES[office]
    local, _at, domain = address.partition("@")
    file = Attachment(code.replace("/", "_") + ".pdf", "application/pdf", scan(office, code, subject, on))
    text = f"Kính gửi Sở Xây dựng.\n\n{name} gửi văn bản số {code} kèm theo.\n"
    return send(world, Address(name, local, domain), "sxd", f"{code} {subject}", text, attachments=(file,))


def send(
    world: World, author: Address, to: str, subject: str, text: str, html: str | None = None,
    attachments: tuple[Attachment, ...] = (), ago: timedelta = timedelta(0),
) -> MessageRef:  # fmt: skip
    """Deliver one mail to one mailbox of the world."""
    octets = compose(
        Draft(
            from_=author, to=(Address("", to, DOMAIN),), cc=(), bcc=(), subject=subject, text=text, html=html,
            date=datetime.now(UTC) - ago, message_id=new_message_id(author.domain), attachments=attachments,
        )
    )  # fmt: skip
    prepared = prepare(octets, world.store.blobs)

    def work(tx: Tx) -> MessageRef:
        made = deliver_tx(tx, store_message_tx(tx, prepared), [world.ids[to]])[0]
        return MessageRef(made.folder_id, made.uid)

    return world.store.db.write(work, SYSTEM)


def fill(world: World) -> dict[str, int]:
    """Everything; the documents by stage."""
    found: dict[str, int] = {}
    today = date.today()
    refs = []
    for office, code, subject, ago in PAPERS:
        on = today - timedelta(days=ago)
        number, _slash, notation = code.partition("/")
        fields = Fields(
            OFFICES[office][0], subject, number, notation, on, signer="Nguyễn Hữu Thuận",
            signer_position="Phó Chủ tịch", due_on=today + timedelta(days=ago % 5 + 1),
            urgency=Urgency.FLASH if "CĐ" in code else Urgency.NORMAL,
            type_name="Công điện" if "CĐ" in code else "Công văn", pages=2,
        )  # fmt: skip
        refs.append((arrive(world, office, code, subject, on), fields))
    _stages(world, refs, found)
    arrive(world, "ubnd", "1502/UBND-KTN", "V/v đẩy nhanh tiến độ lập quy hoạch chung đô thị Bàu Tre", today)
    arrive(world, "stc", "920/STC-QLG", "V/v thẩm định giá vật liệu xây dựng quý IV/2026", today)
    for author, to, subject, text in LETTERS:
        name = world.store.db.read(lambda conn, author=author: _name(conn, world.ids[author]))
        send(world, Address(name, author, DOMAIN), to, subject, text)
    outside = Address("Sở Thông tin và Truyền thông", "vanphong", "stttt.hungbinh.example")
    send(world, outside, "truongpk", "Giấy mời hội thảo chuyển đổi số 2026", "Mời dự.", HTML)
    old = {key: oldencodings.tcvn3(text).decode("cp1252") for key, text in OLD.items()}
    send(world, Address(old["author"], "htx", "bautre.example"), "truongpk", old["subject"], old["text"])
    _unit(world, outside)
    return found


def _unit(world: World, outside: Address) -> None:
    """Mail of a unit in all its states, and two delegates."""
    unit = world.id("qhkt")
    pks = [_waits(world, outside, unit, subject, hours) for subject, hours in UNIT_MAIL]
    rights = frozenset((Right.READ, Right.HANDLE, Right.SEND_ON_BEHALF))
    head, delegate = world.actor("khoivd"), world.actor("vankhain")
    now = datetime.now(UTC)
    for name, ends_at in (("vankhain", now + timedelta(days=5)), ("vinhkhain", None)):
        give_tx = partial(
            giving.give_tx, blobs=world.store.blobs, wish=Wish(unit, world.id(name), rights, now, ends_at)
        )
        world.store.db.write(give_tx, head)
    world.store.db.write(lambda tx: service.take_by_tx(tx, unit, pks[:2]), head)
    world.store.db.write(lambda tx: service.take_by_tx(tx, unit, pks[2:3]), delegate)
    world.store.db.write(lambda tx: service.finish_by_tx(tx, unit, pks[:1], "Đã gọi điện trả lời."), head)
    world.store.db.write(lambda tx: viewers.seen_tx(tx, unit, pks[4], writing=True), delegate)
    inbox = world.store.db.read(lambda conn: folders.by_id(conn, world.folder("qhkt", "INBOX")))
    world.store.db.write(lambda tx: openings.note_tx(tx, inbox), delegate)


def _name(conn: object, principal_id: int) -> str:
    from mailserver.directory.principals import get

    return get(conn, principal_id).name  # type: ignore[arg-type]


def _stages(world: World, refs: list[tuple[MessageRef, Fields]], found: dict[str, int]) -> None:
    """Carry each document one stage further than the next."""
    store, clerk, leader, head = world.store, world.actor("anhhtk"), world.actor("truongpk"), world.actor("khoivd")
    handler = world.actor("vankhain")
    names = ("finished", "handled", "with_unit", "directing", "directing2", "registered", "flash")
    for name, (ref, fields) in zip(names, refs, strict=True):
        document = intake.register(store, clerk, ref, fields).document_id
        found[name] = document
        if name == "registered":
            continue
        step = journeys.submit(store, clerk, document, note="Kính trình Giám đốc cho ý kiến.")
        if name in ("directing", "directing2", "flash"):
            continue
        cc = (Cc(world.id("diemttn"), "Theo dõi, chỉ đạo tiến độ."), Cc(world.id("lamhs"), "Phối hợp số liệu."))
        step = journeys.assign(
            store, leader, step, world.id("qhkt"), "Phòng QHKT chủ trì rà soát, báo cáo trước hạn.", cc=cc,
            due_on=fields.due_on,
        )  # fmt: skip
        if name == "with_unit":
            continue
        step = journeys.assign(store, head, step, world.id("vankhain"), "Đ/c Khải dự thảo báo cáo, xong trước 1 ngày.")
        journeys.mark_read(store, handler, step)
        journeys.add_opinion(store, handler, document, "Đã xin số liệu ranh giới của Chi cục Thủy lợi.")
        if name == "finished":
            case = cases.create(store, handler, "Quy hoạch phân khu ven sông Lệ")
            cases.file_in_case(store, handler, document, case)
            journeys.finish(store, handler, step, "Đã trả lời bằng công văn 1120/SXD-QHKT.")


def _waits(world: World, author: Address, owner_id: int, subject: str, hours: int) -> int:
    """A message that came to a mailbox so many hours ago; its number."""
    to = Address("", "qhkt", DOMAIN)
    date_ = datetime.now(UTC) - timedelta(hours=hours)
    octets = compose(Draft(author, (to,), (), (), subject, "Kính gửi Phòng.", date_, new_message_id(author.domain)))
    prepared = prepare(octets, world.store.blobs)

    def work(tx: Tx) -> int:
        message_pk = store_message_tx(tx, prepared)
        deliver_tx(tx, message_pk, [owner_id], int(date_.timestamp()))
        return message_pk

    return world.store.db.write(work, SYSTEM)


def keep(world: World) -> None:
    """A letter that waits for khoivd to agree, and one from outside in quarantine."""
    said = "Anh chị xem báo giá kèm theo.\n\n---------- Thư chuyển tiếp ----------\nTừ: Khôi\n\nBáo giá khảo sát."
    own = Address("Khải", "vankhain", DOMAIN)
    draft = Draft(own, (own,), (), (), "Fwd: Báo giá khảo sát", said, datetime.now(UTC), new_message_id(DOMAIN))
    prepared = prepare(compose(draft), world.store.blobs)
    held = replace(hold("held-for-review", Article("123/QĐ-SCT", dieu=9), Cause.NONE), waits_for=f"khoivd@{DOMAIN}")
    secret = quarantine("forbidden-classes", Article("1201/QĐ-SYT", dieu=3, khoan=5), Cause.NONE)
    cases = (
        (held, Stage.SUBMISSION, own.addr, ("nhathau@khaosat.example",), ()),
        (secret, Stage.DATA, f"vanthu@{NEIGHBOUR}", (f"sxd@{DOMAIN}",), (Mailbox(world.ids["sxd"]),)),
    )

    def work(tx: Tx) -> None:
        for verdict, stage, sender, to, boxes in cases:
            actor = world.actor("vankhain") if stage is Stage.SUBMISSION else SYSTEM
            case = Case(stage, actor, world.agency_id, sender, to)
            outside = to if stage is Stage.SUBMISSION else ()
            message_pk = store_message_tx(tx, prepared)
            Keeper().keep_tx(tx, Kept(message_pk, case, verdict, to, boxes, outside, "web.1", "1@x", 900))

    world.store.db.write(work, SYSTEM)


def draft(world: World) -> str:
    """A letter of the director's with files that can be made smaller; "folder.uid"."""
    own = world.store.db.read(lambda conn: principals.get(conn, world.id("truongpk")))
    local, _at, domain = own.address.rpartition("@")
    photo = io.BytesIO()
    Image.effect_noise((2000, 1500), 50).convert("RGB").save(photo, "JPEG", quality=97)
    scanned = Paper(jpeg("RGB"))
    signed = replace(scanned, catalog=b"/Perms<</DocMDP 10 0 R>>")
    files = (
        Attachment("hiện trường khu ven sông Lệ, cọc mốc số 12.jpg", "image/jpeg", photo.getvalue()),
        Attachment("khối lượng nạo vét.csv", "text/csv", b"12;4,5;m3\n" * 90_000),
        Attachment("tờ trình.pdf", "application/pdf", scan("stc", "905/STC-NS", "V/v dự toán", date(2026, 11, 17))),
        Attachment("bản quét hồ sơ.pdf", "application/pdf", scanned.written()),
        Attachment("quyết định.pdf", "application/pdf", signed.written()),
    )
    message = Written(
        Address(own.name, local, domain), (), (), (), "Hồ sơ hiện trường", "Kính gửi anh.", files, "1@x.example"
    )
    who = Actor(own.id, own.agency_id, "web")
    return str(keep_draft(world.store, who, message, Beginning(), None, datetime.now(UTC)))
