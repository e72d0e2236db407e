"""Unmodified client libraries: imaplib, imapclient, aioimaplib."""

from __future__ import annotations

import asyncio
import imaplib
import warnings
from datetime import UTC, datetime

import aioimaplib
from imapclient import IMAPClient

from tests.mailserver.imap.conftest import PASSWORD, Door
from tests.support.dialogue import WAIT_S, mail


def work_with_imaplib(port: int) -> None:
    with imaplib.IMAP4("127.0.0.1", port) as client:
        client.login("an", PASSWORD)
        client.enable("CONDSTORE")
        assert client.append("INBOX", "(\\Flagged)", imaplib.Time2Internaldate(0), mail("Một"))[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
        assert client.response("UIDVALIDITY")[1][0] is not None
        kind, data = client.fetch("1", "(FLAGS RFC822)")
        assert kind == "OK" and isinstance(data[0], tuple) and data[0][1] == mail("Một")
        assert client.search("UTF-8", "SUBJECT", '"mot"') == ("OK", [b"1"])
        client.literal = "Một".encode()
        assert client.search("UTF-8", "SUBJECT")[1] == [b"1"]
        assert client.uid("STORE", "1", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert client.create('"V&AQM-n b&HqM-n"')[0] == "OK"
        assert client.copy("1", '"V&AQM-n b&HqM-n"')[0] == "OK"
        assert client.expunge() == ("OK", [b"1"])
        assert client.status('"V&AQM-n b&HqM-n"', "(MESSAGES)")[1] == [b'"V&AQM-n b&HqM-n" (MESSAGES 1)']
        assert client.namespace()[0] == "OK"
        assert client.unselect()[0] == "OK"


async def test_imaplib(door: Door) -> None:
    await asyncio.to_thread(work_with_imaplib, door.port)


def work_with_imapclient(port: int) -> None:
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login("an", PASSWORD)
        assert {b"IDLE", b"MOVE", b"UIDPLUS", b"SPECIAL-USE", b"CONDSTORE"} <= set(client.capabilities())
        assert client.find_special_folder(b"\\Sent") == "Sent"
        client.create_folder("Văn bản đến/Chờ xử lý")
        when = datetime(2024, 2, 29, 10, 0, tzinfo=UTC)
        client.append("Văn bản đến/Chờ xử lý", mail("Công văn", "Kính gửi phòng"), (b"\\Seen",), when)
        assert client.select_folder("Văn bản đến/Chờ xử lý")[b"EXISTS"] == 1
        assert client.search(["SUBJECT", "cong van", "TEXT", "phòng"], charset="UTF-8") == [1]
        found = client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "FLAGS", "BODY.PEEK[]", "RFC822.SIZE"])[
            1
        ]
        assert found[b"BODY[]"] == mail("Công văn", "Kính gửi phòng")
        assert found[b"RFC822.SIZE"] == len(found[b"BODY[]"])
        assert found[b"BODYSTRUCTURE"][:2] == (b"text", b"plain")
        assert found[b"ENVELOPE"].from_[0].mailbox == b"an"
        assert client.add_flags([1], [b"\\Answered", b"$Label1"])[1] == (
            b"\\Seen",
            b"\\Answered",
            b"$Label1",
            b"\\Recent",
        )
        assert client.get_flags([1])[1] == (b"\\Seen", b"\\Answered", b"$Label1", b"\\Recent")
        client.move([1], "Trash")
        assert client.folder_status("Trash", ["MESSAGES"])[b"MESSAGES"] == 1
        assert ((b"\\HasNoChildren", b"\\Trash"), b"/", "Trash") in client.list_folders()
        client.rename_folder("Văn bản đến/Chờ xử lý", "Văn bản đến/Kết thúc")
        assert client.folder_exists("Văn bản đến/Kết thúc")
        client.delete_folder("Văn bản đến/Kết thúc")
        client.select_folder("INBOX")
        client.idle()
        client.idle_done()


async def test_imapclient(door: Door) -> None:
    await asyncio.to_thread(work_with_imapclient, door.port)


def sort_and_thread(port: int) -> None:
    subjects = ("Đề nghị", "Báo cáo", "Re: Đề nghị", "bao cao")
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login("an", PASSWORD)
        for number, subject in enumerate(subjects, 1):
            client.append("INBOX", mail(subject, str(number)), msg_time=datetime(2024, 2, number, tzinfo=UTC))
        client.select_folder("INBOX")
        assert client.sort("SUBJECT") == [4, 2, 1, 3]
        assert client.sort(["REVERSE ARRIVAL"], ["SUBJECT", "nghị"], "UTF-8") == [3, 1]
        assert client.thread("REFERENCES") == ((1, 3), ((2,), (4,)))
        assert client.thread(criteria=["SUBJECT", "báo cáo"], charset="UTF-8") == (((2,), (4,)),)
    with imaplib.IMAP4("127.0.0.1", port) as plain:
        plain.login("an", PASSWORD)
        plain.select("INBOX")
        assert plain.sort("(REVERSE SUBJECT)", "UTF-8", "ALL") == ("OK", [b"1 3 2 4"])
        assert plain.thread("ORDEREDSUBJECT", "UTF-8", "ALL") == ("OK", [b"(1 3)(2 4)"])


async def test_folders_are_sorted_and_threaded_for_clients(door: Door) -> None:
    await asyncio.to_thread(sort_and_thread, door.port)


async def test_aioimaplib_is_told_of_new_mail_while_it_idles(door: Door) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = aioimaplib.IMAP4("127.0.0.1", door.port, timeout=WAIT_S)
        await client.wait_hello_from_server()
        assert (await client.login("an", PASSWORD)).result == "OK"
        assert (await client.select("INBOX")).result == "OK"
        idling = await client.idle_start(timeout=WAIT_S)
        other = await door.client()
        await other.append("INBOX", mail())
        pushed = await client.wait_server_push(WAIT_S)
        assert b"1 EXISTS" in pushed
        client.idle_done()
        await asyncio.wait_for(idling, WAIT_S)
        answer = await client.fetch("1", "(UID BODY.PEEK[])")
        assert bytes(answer.lines[1]) == mail()
        await client.logout()
