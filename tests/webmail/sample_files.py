"""Files that people of the agency have handed over."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from mailbox_policies.sentfiles import coming, ending, handing, posting, reading
from mailbox_policies.sentfiles.coming import Offer
from mailbox_policies.sentfiles.handing import Wish
from mailserver.delivery.trace import Received
from tests.routing.world import DOMAIN, World
from tests.webmail.sentfiles.outside import Agency
from tests.webmail.world import desk_of

MIB = 1024 * 1024
LARGE = "Thuyết minh tổng hợp đồ án quy hoạch phân khu ven sông Lệ (bản trình).pdf"


def outside(world: World) -> tuple[int, str]:
    """A file that two people outside have links to, fetched by one of them; its number, and the path of a link."""
    agency = Agency(world, Path(tempfile.gettempdir()))
    services = agency.services
    assert services.sent_files is not None
    me, octets = world.actor("khoivd"), io.BytesIO("Thuyết minh".encode() * 900_000)
    made = coming.add_all(services.sent_files, me, Offer(LARGE, "application/pdf", 11 * MIB), octets.read).id
    wish = Wish(
        ("ha.nguyen@tuvan-quyhoach.example", "lan@ngoai.example", f"truongpk@{DOMAIN}"), 14, "Kính gửi bản cuối."
    )
    trace = Received("", "127.0.0.1", "HTTP", "sample")
    posting.hand(services.sent_files, services.delivery, me, made, wish, trace)
    path = agency.links()["lan@ngoai.example"]
    reader = agency.visitor()
    for _ in range(2):
        reader.get(reader.client.post(path).location)
    services.auth.close()
    return made, path


def fill(world: World) -> int:
    """Two files from the head of a unit, one of them taken back, and one that is still coming; the first's number."""
    desk, me = desk_of(world), world.actor("khoivd")

    def sent(name: str, media_type: str, size: int, *to: str) -> int:
        octets = io.BytesIO(name.encode() * (size // len(name.encode()) + 1))
        made = coming.add_all(desk, me, Offer(name, media_type, size), octets.read).id
        wish = Wish(tuple(f"{one}@{DOMAIN}" for one in to), 7, "Bản đồ đã chỉnh theo ý kiến cuộc họp ngày 18/11.")
        handing.hand(desk, me, made, wish)
        return made

    first = sent("Bản đồ quy hoạch phân khu ven sông Lệ.zip", "application/octet-stream", 12 * MIB, "truongpk", "qlxd")
    other = sent("Ảnh hiện trạng.tar", "application/octet-stream", 5 * MIB, "diemttn", "truongpk", "vinhbt", "lamhs")
    world.store.db.write(lambda tx: reading.note_tx(tx, first, goes_on=False), world.actor("truongpk"))
    world.store.db.write(lambda tx: ending.stop_tx(tx, other), me)
    half = coming.begin(desk, me, Offer("Phim công trường.mp4", "video/mp4", 150 * MIB, "mark"))
    coming.add(desk, me, half.id, 0, b"x" * (4 * MIB))
    return first
