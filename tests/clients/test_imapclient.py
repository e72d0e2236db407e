"""imapclient, which shows folder names as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient

from mailserver.actor import SYSTEM
from mailserver.store import quota
from tests.clients.far import PATIENCE_S, Far
from tests.clients.letters import letter
from tests.clients.server import Server, User
from tests.support.dialogue import mail

WAITING, DONE = "Văn bản/Chờ xử lý", "Văn bản/Kết thúc"


@pytest.fixture
def client(server: Server, user: User) -> Iterator[IMAPClient]:
    """Signed in over TLS."""
    context = server.trusting()
    with IMAPClient("localhost", server.imaps, ssl_context=context, timeout=PATIENCE_S) as client:
        client.login(user.address, user.password)
        yield client


def test_a_letter_from_coming_to_being_filed(client: IMAPClient) -> None:
    assert {b"IDLE", b"MOVE", b"UIDPLUS", b"SPECIAL-USE", b"CONDSTORE"} <= set(client.capabilities())
    assert client.find_special_folder(b"\\Sent") == "Sent"
    client.create_folder(WAITING)
    when = datetime(2024, 2, 29, 10, 0, tzinfo=UTC)
    client.append(WAITING, mail("Công văn", "Kính gửi phòng"), (b"\\Seen",), when)
    assert client.select_folder(WAITING)[b"EXISTS"] == 1
    assert client.search(["SUBJECT", "cong van", "TEXT", "phòng"], charset="UTF-8") == [1]
    items = ["ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "FLAGS", "BODY.PEEK[]", "RFC822.SIZE"]
    found = client.fetch([1], items)[1]
    assert found[b"BODY[]"] == mail("Công văn", "Kính gửi phòng")
    assert found[b"RFC822.SIZE"] == len(found[b"BODY[]"])
    assert found[b"BODYSTRUCTURE"][:2] == (b"text", b"plain")
    assert found[b"ENVELOPE"].from_[0].mailbox == b"an"
    flags = (b"\\Seen", b"\\Answered", b"$Label1", b"\\Recent")
    assert client.add_flags([1], [b"\\Answered", b"$Label1"])[1] == client.get_flags([1])[1] == flags
    client.move([1], "Trash")
    assert client.folder_status("Trash", ["MESSAGES"])[b"MESSAGES"] == 1
    assert ((b"\\HasNoChildren", b"\\Trash"), b"/", "Trash") in client.list_folders()
    client.rename_folder(WAITING, DONE)
    assert client.folder_exists(DONE)
    client.delete_folder(DONE)


def test_folders_are_sorted_and_threaded(client: IMAPClient) -> None:
    for number, subject in enumerate(("Đề nghị", "Báo cáo", "Re: Đề nghị", "bao cao"), 1):
        client.append("INBOX", mail(subject, str(number)), msg_time=datetime(2024, 2, number, tzinfo=UTC))
    client.select_folder("INBOX")
    assert client.sort("SUBJECT") == [4, 2, 1, 3]
    assert client.sort(["REVERSE ARRIVAL"], ["SUBJECT", "nghị"], "UTF-8") == [3, 1]
    assert client.thread("REFERENCES") == ((1, 3), ((2,), (4,)))
    assert client.thread("ORDEREDSUBJECT") == ((1, 3), (2, 4))
    assert client.thread(criteria=["SUBJECT", "báo cáo"], charset="UTF-8") == (((2,), (4,)),)


def test_only_the_messages_it_names_are_expunged(client: IMAPClient, far: Far) -> None:
    """UIDPLUS (RFC 4315): what somebody else has marked stays."""
    far.append("INBOX", "a", "b", "c", flags=[b"\\Deleted"])
    client.select_folder("INBOX")
    client.uid_expunge([2])
    assert far.contents("INBOX") == {"INBOX": {"a": "T", "c": "T"}}


def test_a_colleague_is_let_in(server: Server, client: IMAPClient, user: User, far: Far) -> None:
    """ACL (RFC 4314); the folder is under Other Users for the colleague."""
    colleague = server.new_user()
    client.create_folder(DONE)
    far.append(DONE, "a")
    client.setacl(DONE, colleague.address, "lrs")
    assert (colleague.address.encode(), b"lrs") in client.getacl(DONE)
    with Far.signed_in(server.imap, colleague) as other:
        (theirs,) = [name for _flags, _delimiter, name in other.client.list_folders() if name.endswith(DONE)]
        assert other.contents(theirs) == {theirs: {"a": ""}}
        with pytest.raises(IMAPClient.Error, match="NOPERM"):
            other.client.append(theirs, letter("b"))


def test_it_shows_how_full_the_mailbox_is(server: Server, client: IMAPClient, user: User, far: Far) -> None:
    """QUOTA (RFC 9208), in units of 1024 octets."""
    server.office.store.db.write(lambda tx: quota.limit_tx(tx, server.id_of(user), octets=4096, messages=2), SYSTEM)
    far.append("INBOX", "a", "b")
    root, quotas = client.get_quota_root("INBOX")
    assert root.mailbox == "INBOX"
    limits = {one.resource: (one.usage, one.limit) for one in quotas}
    assert limits == {"STORAGE": (-(-2 * len(letter("a")) // 1024), 4), "MESSAGE": (2, 2)}
    with pytest.raises(IMAPClient.Error, match="OVERQUOTA"):
        client.append("INBOX", letter("c"))


def test_a_watcher_is_told_of_news_of_every_kind(client: IMAPClient, far: Far) -> None:
    far.append("INBOX", "a", "b")
    client.select_folder("INBOX")
    client.idle()
    far.append("INBOX", "c")
    far.flag("INBOX", "b", add=[b"\\Flagged"])
    far.expunge("INBOX", "a")
    told: list[tuple[object, ...]] = []
    while (1, b"EXPUNGE") not in told:
        news = client.idle_check(timeout=PATIENCE_S)
        assert news, told
        told += news
    client.idle_done()
    assert (3, b"EXISTS") in told
    assert [one for one in told if one[:2] == (2, b"FETCH") and b"\\Flagged" in str(one).encode()]
