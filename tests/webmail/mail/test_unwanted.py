"""Junk on the web: the buttons that teach the filter, and why a message lies where it lies."""

from __future__ import annotations

from mailbox_policies.spam import judgements
from mailbox_policies.spam.judgements import Outcome
from mailbox_policies.spam.model import Count
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.opinions import Opinion, Reason
from mailserver.store import entries, folders
from tests.routing.world import World
from tests.support.filtering import learned, work
from tests.webmail.mail.test_views import receive
from tests.webmail.visitor import Visitor, text_of

REASONS = (
    Reason("words", "trúng thưởng", 2.0),
    Reason("words", "miễn phí", 1.9),
    Reason("link", "qua-tang.example", 1.5),
    Reason("form", "", 1.2),
    Reason("words", "kính gửi", -0.7),
    Reason("spf-fail", "evil.example", 0.1),
    Reason("first-contact", "", 0.0),
)


def judge(world: World, folder: str, uid: int, outcome: Outcome) -> None:
    def work(tx):  # type: ignore[no-untyped-def]
        own = world.id("truongpk")
        found = entries.snapshot(tx.conn, folders.get(tx.conn, own, folder).id)
        message_pk = found.message_pks[list(found.uids).index(uid)]
        opinion = Opinion(own, world.agency_id, 83, True, REASONS)
        judgements.keep_tx(tx, message_pk, [(opinion, outcome)], 50)

    world.store.db.write(work, SYSTEM)


def test_many_are_reported_at_once_and_taken_back_with_one_click(director: Visitor, world: World) -> None:
    refs = [receive(world) for _ in range(3)]
    inbox, junk = refs[0].folder_id, world.folder("truongpk", "Junk")
    uids = [ref.uid for ref in refs]
    assert "Báo thư rác" in director.get(f"/thu/{inbox}").text
    page = director.follow(director.post(f"/thu/{inbox}/viec", uid=uids, do="junk"))
    assert "Đã báo 3 thư là thư rác" in text_of(page)
    assert (world.uids("truongpk", "INBOX"), world.uids("truongpk", "Junk")) == ([], [1, 2, 3])
    work(world.store)
    assert learned(world.store, world.id("truongpk")) == Count(0, 3)
    assert f'action="/thu/{junk}/viec"' in page.text  # the undo
    director.post(f"/thu/{junk}/viec", uid=[1, 2, 3], do="move", to=inbox)
    work(world.store)
    assert learned(world.store, world.id("truongpk")) == Count(3, 0)
    assert len(world.uids("truongpk", "INBOX")) == 3


def test_what_is_no_junk_goes_back_to_the_inbox_of_its_mailbox(director: Visitor, world: World) -> None:
    ref = receive(world)
    junk = world.folder("truongpk", "Junk")
    director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="junk")
    opened = director.get(f"/thu/{junk}/1")
    assert "Không phải thư rác" in opened.text
    assert "Vì sao thư này ở đây?" in text_of(opened)
    page = director.follow(director.post(f"/thu/{junk}/viec", uid=1, do="not-junk"))
    assert "về hộp thư đến" in text_of(page)
    assert len(world.uids("truongpk", "INBOX")) == 1
    assert world.uids("truongpk", "Junk") == []


def test_a_message_that_its_reader_reported_says_who_did(director: Visitor, world: World) -> None:
    ref = receive(world)
    director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="junk")
    work(world.store)
    name = world.store.db.read(lambda conn: _name(conn, world.id("truongpk")))
    assert f"{name} đã báo đây là thư rác." in text_of(director.get(f"/thu/{world.folder('truongpk', 'Junk')}/1"))


def _name(conn, person_id: int) -> str:  # type: ignore[no-untyped-def]
    return principals.get(conn, person_id).name


def test_a_message_in_junk_says_in_sentences_what_put_it_there(director: Visitor, world: World) -> None:
    ref = receive(world)
    judge(world, "INBOX", ref.uid, Outcome.JUNK)
    director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="junk")
    page = text_of(director.get(f"/thu/{world.folder('truongpk', 'Junk')}/1"))
    for sentence in (
        "Bộ lọc cho 83 trên 100 điểm giống thư rác; từ 50 điểm là thư rác.",
        "Trong thư có những chữ hay gặp ở thư rác: “trúng thưởng”, “miễn phí”.",
        "Có liên kết giống liên kết trong thư rác: “qua-tang.example”.",
        "Cách trình bày giống thư rác.",
        "Máy gửi không được tên miền evil.example cho phép (SPF).",
        "Cơ quan chưa từng thư từ với địa chỉ này.",
        "Ngược lại, có những chữ hay gặp ở thư tốt: “kính gửi”.",
    ):
        assert sentence in page


def test_suspect_mail_in_the_inbox_has_a_note_until_somebody_says_what_it_is(director: Visitor, world: World) -> None:
    ref = receive(world)
    plain = text_of(director.get(f"/thu/{ref.folder_id}/{ref.uid}"))
    assert "giống thư rác" not in plain
    judge(world, "INBOX", ref.uid, Outcome.SUSPECT)
    assert "Thư này trông giống thư rác" in text_of(director.get(f"/thu/{ref.folder_id}/{ref.uid}"))
    junk = world.folder("truongpk", "Junk")
    director.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do="junk")
    director.post(f"/thu/{junk}/viec", uid=1, do="not-junk")
    work(world.store)
    (uid,) = world.uids("truongpk", "INBOX")
    assert "giống thư rác" not in text_of(director.get(f"/thu/{ref.folder_id}/{uid}"))


def test_strangers_cannot_judge_others_mail_and_what_one_wrote_is_not_judged(
    director: Visitor, outsider: Visitor, world: World
) -> None:
    ref = receive(world)
    for act in ("junk", "not-junk"):
        assert outsider.post(f"/thu/{ref.folder_id}/viec", uid=ref.uid, do=act).status_code == 404
    assert world.uids("truongpk", "INBOX") == [ref.uid]
    for folder in ("Sent", "Drafts", "Trash"):
        assert "Báo thư rác" not in director.get(f"/thu/{world.folder('truongpk', folder)}").text
