"""neomutt, told by pushed keys what a person would do."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import pytest

from tests.clients.far import Far
from tests.clients.letters import letter
from tests.clients.manual import write_settings
from tests.clients.server import Server, User
from tests.clients.terminal import Terminal
from tests.clients.wire import Wire

EDITOR = """#!/bin/sh
printf '%s\\n' 'Kính gửi: đã nhận công văn.' >> "$1"
"""


NO_QRESYNC = {"imap_qresync = yes": "imap_qresync = no", "imap_condstore = yes": "imap_condstore = no"}
NO_CACHE = NO_QRESYNC | {'set header_cache = "~/.cache/neomutt/"': ""}
# It looks for what the server has told it every second.
IMPATIENT = {"imap_idle = yes": "imap_idle = yes\nset timeout = 1\nset mail_check = 1"}
# Nobody answers its questions.
UNASKED = """
set confirmcreate = no
set confirmappend = no
set abort_unmodified = no
set fast_reply = yes
set include = yes
set move = no
set delete = yes
"""


class Neomutt:
    """neomutt with settings and a header cache of its own."""

    def __init__(
        self, home: Path, server: Server, user: User, changes: dict[str, str], wire: Wire | None = None
    ) -> None:
        """changes: of the manual's settings. wire: to the plain door, instead of TLS."""
        self.home = home
        plain = {"imaps://": "imap://", "ssl_force_tls = yes": "ssl_force_tls = no\nset ssl_starttls = no"}
        plain |= {"993": str(wire.port)} if wire else {}
        self.config = write_settings("neomuttrc", home, server, user, changes | (plain if wire else {}))
        editor = home / "editor"
        editor.write_text(EDITOR, encoding="utf-8")
        editor.chmod(0o755)
        with self.config.open("a", encoding="utf-8") as out:
            out.write(f"{UNASKED}set editor = {editor}\n")

    def do(self, *keys: str) -> None:
        """Open the inbox, press the keys, and leave."""
        with Terminal.running(*self.command(*keys, "<quit>"), home=self.home):
            pass

    def command(self, *keys: str) -> tuple[str, ...]:
        pushed = "".join(keys).replace("\\", "\\\\").replace('"', '\\"')
        return ("neomutt", "-n", "-F", str(self.config), "-e", f'push "{pushed}"')


def test_what_people_do_with_it(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    """Over TLS, without a header cache: read, flag, file, search, make a folder, reply with a file attached."""
    colleague = server.new_user()
    scan = tmp_path / "Công văn 12.pdf"
    scan.write_bytes(b"%PDF-1.7 " * 5000)
    far.client.create_folder("Văn bản")
    far.append("INBOX", *(f"thu{number}" for number in range(8)))
    far.client.append("INBOX", letter("question", sender=colleague.address))
    client = Neomutt(tmp_path, server, user, NO_CACHE)
    client.do(
        "<search>~s thu1<enter><display-message><exit>",
        "<search>~s thu2<enter><flag-message>",
        "<tag-pattern>~s thu[34]<enter><tag-prefix><save-message>=Văn bản<enter>",
        "<delete-pattern>~s thu5<enter>",
        "<tag-pattern>=b 'là thư thu6'<enter><tag-prefix><copy-message>=Archive<enter><tag-prefix><tag-message>",
        "<tag-pattern>=h 'Subject: Công văn thu7'<enter><tag-prefix><save-message>=Văn bản/Mới<enter>",
        f"<search>~s question<enter><reply><attach-file>{scan}<enter><send-message>",
        "<sync-mailbox>",
    )
    assert far.contents("INBOX", "Văn bản", "Văn bản/Mới", "Archive", "Trash") == {
        "INBOX": {"thu0": "", "thu1": "S", "thu2": "F", "thu6": "", "question": "RS"},
        "Văn bản": {"thu3": "", "thu4": ""},
        "Văn bản/Mới": {"thu7": ""},
        "Archive": {"thu6": ""},
        "Trash": {"thu5": ""},
    }

    with Far.signed_in(server.imap, colleague) as other:
        answers = [*far.octets("Sent"), *other.octets("INBOX")]
    sent, received = (message_from_bytes(answer, policy=policy.default) for answer in answers)
    for answer in (sent, received):
        assert answer["In-Reply-To"] == "<question@doitac.example>"
        text, file = answer.iter_parts()
        assert text.get_content().rstrip().endswith("Kính gửi: đã nhận công văn.")
        assert (file.get_filename(), file.get_content()) == (scan.name, scan.read_bytes())


@pytest.mark.parametrize("changes", [NO_CACHE, NO_QRESYNC, {}])
def test_it_sees_what_others_have_changed(
    server: Server, user: User, far: Far, tmp_path: Path, changes: dict[str, str]
) -> None:
    """It copies what it believes to be in the folder; with QRESYNC it asks for the headers of news only."""
    far.append("INBOX", *(f"thu{number}" for number in range(8)))
    with Wire.to(server.imap) as wire:
        client = Neomutt(tmp_path, server, user, changes, wire)
        client.do("<search>~s thu0<enter><flag-message><sync-mailbox>")
        far.expunge("INBOX", "thu1", "thu7")
        far.flag("INBOX", "thu2", "thu3", add=[b"\\Flagged"])
        far.flag("INBOX", "thu0", remove=[b"\\Flagged"])
        far.append("INBOX", "new")
        wire.heard()
        client.do(
            "<tag-pattern>~A<enter><tag-prefix><copy-message>=Archive<enter><untag-pattern>~A<enter>",
            "<tag-pattern>~F<enter><tag-prefix><copy-message>=Junk<enter>",
        )
        said = wire.heard()
    held = far.contents("INBOX", "Archive", "Junk")
    assert set(held["INBOX"]) == {"thu0", "thu2", "thu3", "thu4", "thu5", "thu6", "new"}
    assert held["Archive"] == held["INBOX"]
    assert set(held["Junk"]) == {name for name, flags in held["INBOX"].items() if "F" in flags} == {"thu2", "thu3"}
    headers = re.findall(rb"(?m)^\w+ (?:UID )?FETCH (\S+) \(.*HEADER", said)
    assert (b"1:7" in headers) is (changes == NO_CACHE)
    assert (b"VANISHED" in said) is (changes == {})


def test_it_is_told_of_new_mail_while_it_waits(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    far.append("INBOX", "old")
    with Wire.to(server.imap) as wire:
        client = Neomutt(tmp_path, server, user, IMPATIENT, wire)
        with Terminal.running(*client.command(), home=tmp_path) as terminal:
            # It throws away what was typed before it tells of new mail.
            leave = partial(terminal.press, "T~A\n;C=Archive\nq")
            wire.when(rb"IDLE\r\n", lambda: far.append("INBOX", "new"))
            wire.when(rb"FETCH 2:2 \(", lambda: wire.when(rb"IDLE\r\n", leave))
    assert set(far.contents("Archive")["Archive"]) == {"old", "new"}
