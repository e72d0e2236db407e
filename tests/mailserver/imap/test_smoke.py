from __future__ import annotations

from tests.mailserver.imap.conftest import Door
from tests.mailserver.imap.dialogue import mail


async def test_a_message_that_was_appended_can_be_read_back(door: Door) -> None:
    client = await door.selected()
    message = mail()
    assert b"APPENDUID" in await client.append("INBOX", message)
    lines = await client.ok("FETCH 1 (UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
    print(lines)
    assert b"BODY[] {%d}\r\n%b" % (len(message), message) in lines[0]
    for command in (
        "NOOP",
        "SEARCH TEXT kinh",
        "SEARCH SUBJECT thu",
        'LIST "" *',
        'LSUB "" *',
        "STATUS INBOX (MESSAGES UNSEEN)",
        "STORE 1 +FLAGS (\\Seen \\Deleted x)",
        "COPY 1 Archive",
        "EXPUNGE",
        "NAMESPACE",
        "CLOSE",
        "LOGOUT",
    ):
        print(command, await client.ok(command))
