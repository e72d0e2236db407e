"""Redirects from the door by which a letter comes to the server where it goes, and reports of it back again."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from sqlalchemy import select, update

from mailbox_policies import chain
from mailbox_policies.chain import Choice
from mailbox_policies.forwarding.onward import Onward
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.rules import auto_redirect, forbidden_classes, forward_consent
from mailbox_policies.verdict import Article, Case, Cause, Stage, Verdict, annotate, junk
from mailserver.actor import SYSTEM
from mailserver.delivery.outside import Parcel
from mailserver.directory.records import office_day
from mailserver.outbound.listing import OutgoingMail
from mailserver.outbound.parcels import Queue
from mailserver.redirects import deciding, telling
from mailserver.redirects.deciding import Wish
from mailserver.redirects.passing import Redirects
from mailserver.redirects.schema import redirect_note
from mailserver.smtp.settings import Role
from mailserver.srs import keys
from mailserver.store import audit, fsck
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.mailserver.outbound.conftest import World
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office
from tests.support.sink import Got, Sink

AUTHOR = "Lan.Anh@elsewhere.test"
THERE, GONE = "binh@far.test", "gone@far.test"
BODY = "Content-Transfer-Encoding: 8bit\r\n\r\nHọp lúc 8 giờ.\r\n"


def letter(number: int, *fields: str, author: str = AUTHOR, body: str = BODY) -> bytes:
    head = [
        f"From: {author}",
        "To: binh@sct.test",
        f"Subject: Letter {number}",
        f"Message-ID: <{number}@elsewhere.test>",
        "Date: Tue, 5 Mar 2024 08:30:00 +0700",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    return ("\r\n".join([*fields, *head]) + "\r\n" + body).encode()


def report(recipient: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@far.test\r\nTo: {recipient}\r\nSubject: Undelivered\r\nDate: x\r\n"
        "Message-ID: <report@far.test>\r\nContent-Type: multipart/report; report-type=delivery-status;"
        ' boundary="b"\r\n\r\n--b\r\n\r\nno such user\r\n--b--\r\n'
    ).encode()


class Post:
    """The office with redirects on, a door for strangers, and a server elsewhere."""

    def __init__(self, doors: Doors, office: Office, stranger: Peer, sink: Sink) -> None:
        self.doors, self.office, self.stranger, self.sink = doors, office, stranger, sink
        self.world = World(doors.store, office, doors.delivery)
        self.settings = chain.Settings(SIZE)
        self.choose(auto_redirect.RULE, Mode.ENFORCE)
        rules = Onward(lambda _agency: self.settings, lambda: datetime.now(UTC))
        doors.delivery.policy = chain.standard(lambda _agency: self.settings)
        doors.delivery.outside = Queue()
        doors.delivery.redirects = Redirects(doors.store.db, Queue(), rules, lambda: datetime.now(UTC))

    def choose(self, rule: Rule[object], mode: Mode) -> None:
        self.settings = self.settings.with_(rule, Choice(mode, rule.start))

    def redirect(self, who: str, *targets: str) -> int:
        today = office_day(datetime.now(UTC))
        wish = Wish(targets, today, today + timedelta(days=30), "Đi công tác")
        blobs, owner_id = self.doors.store.blobs, self.office.ids[who]
        return self.doors.store.db.write(lambda tx: deciding.set_tx(tx, blobs, owner_id, wish), SYSTEM)

    async def send(self, data: bytes, *to: str, sender: str = AUTHOR, peer: Peer | None = None) -> str:
        """The first refusal, or the answer to the message."""
        peer = peer or self.stranger
        await peer.say("RSET")
        await peer.say(f"MAIL FROM:<{sender}>")
        for one in to or ("binh@sct.test",):
            if not (answer := await peer.say(f"RCPT TO:<{one}>")).startswith("250"):
                return answer
        await peer.say("DATA")
        peer.send(data + b".\r\n")
        return await peer.reply()

    async def work_off(self) -> list[Got]:
        """Send what is due; what the server elsewhere got by that."""
        before = len(self.sink.got)
        while await self.world.work_off(self.sink.port):
            pass
        return self.sink.got[before:]

    def waiting(self) -> list[OutgoingMail]:
        return [one for one in self.world.all() if one.is_open]

    def notes(self) -> list[tuple[str, str]]:
        query = select(redirect_note.c.subject, redirect_note.c.why).order_by(redirect_note.c.id)
        return [(row[0], row[1]) for row in self.doors.store.db.read(lambda conn: conn.execute(query).all())]


@pytest.fixture
async def post(doors: Doors, office: Office) -> Post:
    stranger = await doors.connect()
    await stranger.hello()
    sink = await Sink(rcpt={GONE: "550 5.1.1 no such user"}).start()
    made = Post(doors, office, stranger, sink)
    doors.peers.append(_Closing(sink))  # type: ignore[arg-type]
    return made


class _Closing:
    """A sink that is closed with the peers."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def close(self) -> None:
        await self._sink.stop()


async def test_a_letter_goes_on_whole_under_a_sender_of_ours_and_reports_find_its_sender(
    post: Post, store: Store, office: Office
) -> None:
    redirect_id = post.redirect("binh", THERE, GONE)
    assert (await post.send(letter(1))).startswith("250")
    assert office.mail("binh")[-1].endswith(letter(1))  # a copy stays
    (queued,) = post.waiting()
    assert (queued.redirected, queued.message_id) == ("binh@sct.test", "1@elsewhere.test")
    onward, told = await post.work_off()
    # The author's octets are as they were, behind our fields; nobody else is a recipient.
    assert onward.recipients == (THERE,) and onward.octets.endswith(letter(1))
    assert message_from_bytes(onward.octets)["Delivered-To"] == "binh@sct.test"
    assert onward.sender.startswith("SRS0=") and onward.sender.endswith("=elsewhere.test=Lan.Anh@sct.test")
    # What the other target's server refused is told to whom the sender stands for, under the null path.
    assert (told.sender, told.recipients) == ("", (AUTHOR,)) and b"no such user" in told.octets
    # A report that comes back later goes the same way, whatever became of the case of the address.
    for address in (onward.sender, onward.sender.lower()):
        octets = report(address)
        assert (await post.send(octets, address, sender="")).startswith("250")
        (back,) = await post.work_off()
        assert (back.sender, back.recipients[0].lower()) == ("", AUTHOR.lower()) and back.octets.endswith(octets)
    store.db.write(lambda tx: keys.rotate_tx(tx, office.agency_id), SYSTEM)
    assert (await post.send(report(onward.sender), onward.sender, sender="")).startswith("250")
    # It is no way to write to anybody.
    assert (await post.send(letter(2), onward.sender)).startswith("550 5.7.1")
    assert (await post.send(letter(2), onward.sender, sender="")).startswith("550 5.7.1")
    assert (await post.send(letter(2), "x" + onward.sender, sender="")).startswith("550 5.1.1")
    assert (await post.send(letter(2), "SRS0=AAAAAAAAAA=AA=victim.test=x@sct.test", sender="")).startswith("550 5.1.1")
    assert (await post.send(letter(2), "an@sct.test", onward.sender, sender="")).startswith("452 4.5.3")
    assert (await post.send(letter(2), onward.sender, "an@sct.test", sender="")).startswith("452 4.5.3")
    # What comes back, or comes twice, does not go again, and stays.
    count = len(office.mail("binh"))
    assert (await post.send(onward.octets)).startswith("250")
    assert (await post.send(letter(1))).startswith("250")
    assert (await post.send(letter(3), sender=onward.sender)).startswith("250")
    assert (await post.work_off())[1:] == [] and len(office.mail("binh")) == count + 3
    assert post.notes() == [("Letter 1", "loop"), ("Letter 3", "loop")]
    # Ended, it has ended.
    store.db.write(lambda tx: deciding.end_tx(tx, store.blobs, redirect_id), SYSTEM)
    assert (await post.send(letter(4))).startswith("250") and post.waiting() == []
    subjects = [str(make_header(decode_header(message_from_bytes(one)["Subject"]))) for one in office.mail("binh")]
    assert subjects[0] == "Thư của binh@sct.test được tự động chuyển tiếp ra ngoài"
    assert "Thư của binh@sct.test không còn được chuyển tiếp ra ngoài" in subjects
    recorded = store.db.read(lambda conn: conn.exec_driver_sql("SELECT action FROM audit ORDER BY id").scalars().all())
    assert [one for one in recorded if one.startswith("redirect.")] == ["redirect.set", "redirect.ended"]
    assert store.db.read(audit.verify) is None and not list(fsck.check(store.db, store.blobs))


async def test_senders_of_ours_and_the_null_path_stay_what_they_are(post: Post, doors: Doors, store: Store) -> None:
    post.redirect("binh", THERE)
    post.redirect("vanphong", "vp@far.test")
    an = await doors.connect(Role.SUBMISSION, allow_plaintext=True)
    await an.hello()
    assert (await an.say("AUTH PLAIN " + base64.b64encode(f"\0an\0{PASSWORD}".encode()).decode())).startswith("235")
    both = ("binh@sct.test", "vanphong@sct.test")
    assert (await post.send(letter(1, author="an@sct.test"), *both, sender="an@sct.test", peer=an)).startswith("250")
    assert (await post.send(report("binh@sct.test"), sender="")).startswith("250")
    long = f"{'l' * 60}@elsewhere.test"
    assert (await post.send(letter(2), sender=long)).startswith("250")
    got = await post.work_off()
    assert sorted((one.sender[:5], one.recipients) for one in got) == [
        ("", (THERE,)),
        ("SRS0=", (THERE,)),
        ("an@sc", (THERE,)),
        ("an@sc", ("vp@far.test",)),
    ]
    # Who has sent it does not learn by the trace where it went.
    seen = "SELECT count(*) FROM outbound_message WHERE actor_id IS NOT NULL"
    assert store.db.read(lambda conn: conn.exec_driver_sql(seen).scalar()) == 0
    # A sender that is too long for an address is found by its token.
    (rewritten,) = (one.sender for one in got if one.sender.startswith("SRS0"))
    assert "==" in rewritten and len(rewritten.rpartition("@")[0]) <= 64
    assert (await post.send(report(rewritten), rewritten, sender="")).startswith("250")
    assert [one.recipients for one in await post.work_off()] == [(long,)]


def noting(cause: Cause, outcome: Callable[..., Verdict]) -> Callable[[Case], Verdict]:
    def policy(case: Case) -> Verdict:
        return outcome("test", Article("x"), cause) if case.stage is Stage.DATA else Verdict()

    return policy


@pytest.mark.requirement("R-089")
async def test_what_may_not_leave_stays_and_its_owner_hears_once(post: Post, store: Store, office: Office) -> None:
    post.redirect("binh", THERE)
    post.choose(forbidden_classes.RULE, Mode.OFF)
    secret = "\r\nỦY BAN NHÂN DÂN TỈNH\r\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\r\nĐộ mật: MẬT\r\nSố: 12/UBND-M\r\n"
    assert (await post.send(letter(1).replace(b"Letter 1", b"[MAT] Van ban MAT"))).startswith("250")
    assert (await post.send(letter(2, body="Content-Transfer-Encoding: 8bit\r\n" + secret))).startswith("250")
    plain = post.doors.delivery.policy
    for number, (cause, outcome) in enumerate([(Cause.VIRUS, annotate), (Cause.NONE, junk)], 3):
        post.doors.delivery.policy = noting(cause, outcome)
        assert (await post.send(letter(number))).startswith("250")
    post.doors.delivery.policy = plain
    # Work mail of others needs consent; what names its reader anyway, one's own and newsletters do not.
    post.choose(forward_consent.RULE, Mode.ENFORCE)
    assert (await post.send(letter(5))).startswith("250")
    assert (await post.send(letter(6, f"Cc: {THERE}"))).startswith("250")
    assert (await post.send(letter(7, "List-Id: <news.elsewhere.test>"))).startswith("250")
    assert (await post.send(letter(8, "Auto-Submitted: auto-generated", author="binh@sct.test"))).startswith("250")
    # … but not with somebody else's inside.
    quoted = "References: <5@elsewhere.test>\r\nIn-Reply-To: <5@elsewhere.test>"
    assert (await post.send(letter(9, quoted, author="binh@sct.test"))).startswith("250")
    # Nor does a unit's mailbox know better.
    post.redirect("vanphong", "vp@far.test")
    assert (await post.send(letter(13), "vanphong@sct.test")).startswith("250")
    post.choose(forward_consent.RULE, Mode.WARN)
    assert (await post.send(letter(10))).startswith("250")
    post.choose(forward_consent.RULE, Mode.TRIAL)
    assert (await post.send(letter(11))).startswith("250")
    post.choose(auto_redirect.RULE, Mode.TRIAL)
    assert (await post.send(letter(12))).startswith("250")
    got = sorted(str(message_from_bytes(one.octets)["Message-ID"]) for one in await post.work_off())
    assert got == [f"<{number}@elsewhere.test>" for number in (11, 6, 7, 8)]
    stayed = [(2, "class"), (3, "harm"), (4, "junk"), (5, "consent"), (9, "consent"), (13, "consent"), (10, "consent")]
    assert post.notes() == [("[MAT] Van ban MAT", "class"), *((f"Letter {one}", why) for one, why in stayed)]
    # A day later the owner hears of all of them, once.
    assert store.db.write(lambda tx: telling.digest_tx(tx, store.blobs), SYSTEM) == 0

    def age_tx(tx: Tx) -> None:
        tx.conn.execute(update(redirect_note).values(at=tx.now - timedelta(days=1)))

    store.db.write(age_tx, SYSTEM)
    assert store.db.write(lambda tx: telling.digest_tx(tx, store.blobs), SYSTEM) == 2
    text = message_from_bytes(office.mail("binh")[-1]).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "Letter 5" in text and "cần người gửi đồng ý trước" in text and "Letter 6" not in text
    assert post.notes() == [] and store.db.write(lambda tx: telling.digest_tx(tx, store.blobs), SYSTEM) == 0


class _Broken(Queue):
    def queue_tx(self, tx: Tx, parcel: Parcel) -> None:
        super().queue_tx(tx, parcel)
        raise OSError("cut")


async def test_a_letter_is_here_and_on_its_way_or_neither(post: Post, office: Office) -> None:
    post.redirect("binh", THERE)
    whole = post.doors.delivery.redirects
    assert isinstance(whole, Redirects)
    rules = whole._rules
    broken = Redirects(post.doors.store.db, _Broken(), rules, lambda: datetime.now(UTC))
    post.doors.delivery.redirects = broken
    before = len(office.mail("binh"))
    assert (await post.send(letter(1))).startswith("451")
    assert len(office.mail("binh")) == before and post.world.all() == []
    post.doors.delivery.redirects = whole
    assert (await post.send(letter(1))).startswith("250")
    assert len(office.mail("binh")) == before + 1 and len(post.waiting()) == 1


async def test_reports_for_one_sender_come_at_a_pace(post: Post, doors: Doors) -> None:
    post.redirect("binh", THERE)
    await post.send(letter(1))
    (onward,) = await post.work_off()
    slow = await doors.connect(Role.MX, max_returns_of_a_sender=2)
    await slow.hello()
    answers = [await post.send(report(onward.sender), onward.sender, sender="", peer=slow) for _ in range(3)]
    assert [one[:9] for one in answers] == ["250 2.0.0", "250 2.0.0", "450 4.2.1"]
