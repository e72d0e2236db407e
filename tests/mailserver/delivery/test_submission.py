"""The one service for mail that a person sends."""

from __future__ import annotations

import asyncio
import json
from base64 import encodebytes
from datetime import UTC, datetime

import pytest

from mailserver.actor import SYSTEM, Actor
from mailserver.delivery import errors, submission
from mailserver.delivery.delivery import Delivery
from mailserver.delivery.submission import Letter, Submitted
from mailserver.delivery.trace import Received
from mailserver.directory.grants import grant_tx
from mailserver.directory.people import leave_tx
from mailserver.policy import Action, Article, Case, Cause, Stage, Verdict
from mailserver.store import entries, folders
from mailserver.store.flags import Flag
from tests.support.office import Office

WEB = Received("", "", "HTTP", "web.1")
LETTER = b"From: an@sct.test\r\nTo: binh@sct.test\r\nMessage-ID: <1@sct.test>\r\nDate: x\r\n\r\nHi\r\n"


def actor(office: Office, name: str) -> Actor:
    return Actor(office.ids[name], office.agency_id, "web")


def send(delivery: Delivery, office: Office, data: bytes = LETTER, *to: str, who: str = "an") -> Submitted:
    letter = Letter(data, f"{who}@sct.test", to or ("binh@sct.test",), WEB)
    return submission.submit_sync(delivery, actor(office, who), letter)


def test_the_web_sends_and_files_a_copy_in_one_transaction(delivery: Delivery, office: Office) -> None:
    copy = b"Bcc: chi@sct.test\r\n" + LETTER
    letter = Letter(LETTER, "an@sct.test", ("binh@sct.test", "chi@sct.test"), WEB, sent_copy=copy)
    done = submission.submit_sync(delivery, actor(office, "an"), letter)
    assert (done.message_id, done.mailboxes) == ("1@sct.test", 2)
    assert office.mail("an", "Sent") == [copy]
    assert b"Bcc" not in office.mail("binh")[0] + office.mail("chi")[0]
    folder_id, uid = done.sent or (0, 0)
    (row,) = office.store.db.read(lambda conn: entries.of_uids(conn, folder_id, [uid]))
    assert row.flags == Flag.SEEN
    sent = office.store.db.read(lambda conn: folders.by_special_use(conn, office.ids["an"], "\\Sent"))
    assert sent is not None
    assert sent.id == folder_id


@pytest.mark.parametrize(
    "field", [b"Bcc: chi@sct.test", b"bcc : chi@sct.test,\r\n\tx@y", b"Resent-Bcc: chi@sct.test", b"Bcc:"]
)
def test_nobody_learns_of_blind_copies_from_a_program_that_names_them(
    delivery: Delivery, office: Office, field: bytes
) -> None:
    """RFC 5322 §3.6.3; Postfix drops the field likewise (message_drop_headers)."""
    body = b"\r\nBcc: in the text\r\n"
    data = LETTER.replace(b"To:", field + b"\r\nTo:").replace(b"\r\nHi\r\n", body)
    send(delivery, office, data, "binh@sct.test", "chi@sct.test")
    for who in ("binh", "chi"):
        assert office.mail(who)[0].endswith(LETTER.replace(b"\r\nHi\r\n", body))


async def test_the_async_form_does_the_same(delivery: Delivery, office: Office) -> None:
    letter = Letter(LETTER, "an@sct.test", ("binh@sct.test",), WEB, sent_copy=LETTER)
    done = await submission.submit(delivery, actor(office, "an"), letter)
    assert done.sent is not None
    assert len(office.mail("binh")) == len(office.mail("an", "Sent")) == 1


def test_what_the_server_adds_stands_in_both_copies(delivery: Delivery, office: Office) -> None:
    data = b"From: an@sct.test\r\n\r\nHi\r\n"
    letter = Letter(data, "an@sct.test", ("binh@sct.test",), WEB, sent_copy=data)
    done = submission.submit_sync(delivery, actor(office, "an"), letter)
    (copy,) = office.mail("an", "Sent")
    assert copy.startswith(f"Message-ID: <{done.message_id}>\r\nDate: Tue, 05 Mar 2024 08:30:00 +0700\r\n".encode())
    assert office.mail("binh")[0].endswith(copy)


def test_large_attachments_of_both_copies_are_one_blob(delivery: Delivery, office: Office) -> None:
    body = encodebytes(bytes(range(256)) * 2000).replace(b"\n", b"\r\n")
    data = (
        b"From: an@sct.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n--x--\r\n"
    )
    letter = Letter(data, "an@sct.test", ("binh@sct.test",), WEB, sent_copy=data)
    submission.submit_sync(delivery, actor(office, "an"), letter)
    refs = office.store.db.read(lambda conn: conn.exec_driver_sql("SELECT refs FROM blob").scalars().all())
    assert refs == [2]


@pytest.mark.parametrize(
    ("recipients", "error", "named"),
    [
        (("nobody@sct.test", "binh@sct.test"), errors.RecipientUnknown, ("nobody@sct.test",)),
        (("x@elsewhere.test",), errors.ExternalRecipientRefused, ("x@elsewhere.test",)),
        (("chi@sct.test",), errors.RecipientFormer, ("chi@sct.test",)),
    ],
)
def test_one_wrong_recipient_sends_to_nobody(
    delivery: Delivery,
    office: Office,
    recipients: tuple[str, ...],
    error: type[errors.RecipientRefused],
    named: tuple[str, ...],
) -> None:
    office.store.db.write(lambda tx: leave_tx(tx, office.ids["chi"]), SYSTEM)
    letter = Letter(LETTER, "an@sct.test", recipients, WEB, sent_copy=LETTER)
    with pytest.raises(error) as refused:
        submission.submit_sync(delivery, actor(office, "an"), letter)
    assert refused.value.addresses == named
    assert office.mail("binh") == office.mail("an", "Sent") == []


def test_nobody_to_send_to_and_nobody_sending(delivery: Delivery, office: Office) -> None:
    with pytest.raises(errors.NoRecipients):
        submission.submit_sync(delivery, actor(office, "an"), Letter(LETTER, "an@sct.test", (), WEB))
    with pytest.raises(errors.SenderNotAllowed):
        submission.submit_sync(delivery, SYSTEM, Letter(LETTER, "an@sct.test", ("binh@sct.test",), WEB))


def test_a_grant_opens_the_name_and_its_end_shuts_it(delivery: Delivery, office: Office) -> None:
    as_unit = b"From: vanphong@sct.test\r\n\r\nHi\r\n"
    with pytest.raises(errors.SenderNotAllowed) as refused:
        send(delivery, office, as_unit, who="chi")
    assert refused.value.address == "vanphong@sct.test"

    def grant(since: int, until: int) -> None:
        day = datetime(2024, 3, 1, tzinfo=UTC)
        office.store.db.write(
            lambda tx: grant_tx(
                tx,
                office.ids["vanphong"],
                office.ids["chi"],
                ["handle"],
                day.replace(day=since),
                day.replace(day=until),
            ),
            SYSTEM,
        )

    grant(1, 4)
    with pytest.raises(errors.SenderNotAllowed):
        send(delivery, office, as_unit, who="chi")
    grant(4, 6)
    send(delivery, office, as_unit, who="chi")
    assert b"\r\nSender: =?utf-8?" in office.mail("binh")[0]


def test_a_policy_sees_the_letter_as_it_was_sent_and_may_refuse_it(delivery: Delivery, office: Office) -> None:
    seen: list[Case] = []

    def refuse(case: Case) -> Verdict:
        seen.append(case)
        return Verdict(Action.REJECT, "rule", None, Cause.NONE)

    delivery.policy = refuse
    with pytest.raises(errors.PolicyRefused):
        send(delivery, office)
    (case,) = seen
    assert (case.stage, case.size, case.decoded_size) == (Stage.SUBMISSION, len(LETTER), len(LETTER))
    assert (case.sender, case.recipients, case.agency_id) == ("an@sct.test", ("binh@sct.test",), office.agency_id)
    assert office.mail("binh") == []


def verdicts_of(office: Office) -> list[dict[str, object]]:
    query = "SELECT data FROM event WHERE kind = 'policy.verdict' ORDER BY id"
    found = office.store.db.read(lambda conn: conn.exec_driver_sql(query).scalars().all())
    return [json.loads(data) if isinstance(data, str) else data for data in found]


def test_a_held_letter_is_not_delivered_and_leaves_an_event(delivery: Delivery, office: Office) -> None:
    delivery.policy = lambda case: Verdict(Action.HOLD, "hold-rule", Article("1/QĐ", 2), Cause.NONE, {"limit": 3})
    with pytest.raises(errors.PolicyRefused):
        send(delivery, office)
    assert office.mail("binh") == []
    (event,) = verdicts_of(office)
    assert (event["action"], event["rule"], event["article"]) == ("hold", "hold-rule", "1/QĐ, Điều 2")
    assert (event["sender"], event["recipients"]) == ("an@sct.test", ["binh@sct.test"])
    assert event["facts"] == {"limit": 3}


def test_a_note_lets_pass_and_leaves_an_event_with_the_delivery(delivery: Delivery, office: Office) -> None:
    send(delivery, office)
    delivery.policy = lambda case: Verdict(Action.ANNOTATE, "trial")
    send(delivery, office)
    assert len(office.mail("binh")) == 2
    assert [event["rule"] for event in verdicts_of(office)] == ["trial"]


async def test_many_letters_at_once_all_arrive_once(delivery: Delivery, office: Office) -> None:
    letters = [LETTER.replace(b"Hi", b"Hi %d" % number) for number in range(40)]
    await asyncio.gather(
        *(
            submission.submit(delivery, actor(office, "an"), Letter(data, "an@sct.test", ("tatca@sct.test",), WEB))
            for data in letters
        )
    )
    bodies = sorted(mail[-20:] for mail in office.mail("chi"))
    assert bodies == sorted(data[-20:] for data in letters)
