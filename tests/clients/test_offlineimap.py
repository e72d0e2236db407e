"""offlineimap keeps a tree of Maildirs and a mailbox alike while both are being changed."""

from __future__ import annotations

import re
from pathlib import Path

from tests.clients.far import Far
from tests.clients.manual import write_settings
from tests.clients.near import Near
from tests.clients.programs import run, settle
from tests.clients.server import Server, User
from tests.clients.wire import Wire

WAITING, FILED = "Văn bản/Chờ xử lý", "Văn bản/Đã xử lý"
TRANSFERS = re.compile(
    rb"(?m)^\w+ (?:UID )?(?:FETCH \S+ \([^\r]*BODY\.PEEK\[\]|APPEND|STORE|EXPUNGE|CREATE|COPY|MOVE).*$"
)
EXPECTED = re.compile(r"ERROR: (?:IMAP server 'may-chu' does not have a message with UID '\d+'|Exceptions occurred)")


class OfflineImap:
    """offlineimap with a tree of Maildirs of its own."""

    def __init__(self, home: Path, server: Server, user: User, wire: Wire | None = None) -> None:
        """wire: to the plain door, instead of TLS."""
        plain = {"ssl = yes": "ssl = no\nstarttls = no", "993": str(wire.port)} if wire else {}
        quiet = {"[general]": "[general]\nui = quiet"}
        self.config = write_settings("offlineimaprc", home, server, user, quiet | plain)
        self.home = home
        self.near = Near(home / "thu")

    def sync(self) -> None:
        """One run. It tells of messages that went before it could fetch them, and of nothing else."""
        done = run("offlineimap", "-o", "-c", str(self.config), home=self.home)
        output = done.stdout.decode() + done.stderr.decode()
        errors = [line for line in output.splitlines() if line.startswith("ERROR:") and not EXPECTED.match(line)]
        assert not errors, output
        assert done.returncode == (1 if "ERROR:" in output else 0), output

    def transferred(self, wire: Wire) -> list[bytes]:
        """One run; its commands that transferred something."""
        self.sync()
        return TRANSFERS.findall(wire.heard())


def fill(far: Far) -> None:
    for folder in (WAITING, FILED):
        far.client.create_folder(folder)
    far.append("INBOX", *(f"inbox{number}" for number in range(30)))
    far.flag("INBOX", *(f"inbox{number}" for number in range(1, 30, 2)), add=[b"\\Seen"])
    far.append(WAITING, *(f"cho{number}" for number in range(5)), flags=[b"\\Flagged"])


def test_changes_on_both_sides_meet_while_it_runs(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    fill(far)
    with Wire.to(server.imap) as wire:
        client = OfflineImap(tmp_path, server, user, wire)
        near = client.near

        def while_it_fetches() -> None:
            far.append("INBOX", "new-while-fetching")
            far.expunge("INBOX", "inbox29")
            far.flag("INBOX", "inbox2", add=[b"\\Flagged"])
            far.move("INBOX", FILED, "inbox4")

        wire.when(rb"UID FETCH \d+ .*BODY\.PEEK\[\]", while_it_fetches)
        client.sync()

        far.append("INBOX", "far-new")
        far.flag("INBOX", "inbox10", add=[b"\\Answered"])
        far.flag("INBOX", "inbox11", remove=[b"\\Seen"])
        far.flag("INBOX", "inbox12", add=[b"\\Flagged"])
        far.expunge("INBOX", "inbox13", "inbox14")
        far.move("INBOX", WAITING, "inbox15")
        far.move(WAITING, "INBOX", "cho4")
        near.write("INBOX", "near-new", flags="S")
        near.set_flags("INBOX", "inbox12", "S")
        near.set_flags("INBOX", "inbox16", "RS")
        near.remove("INBOX", "inbox14", "inbox17")
        near.move("INBOX", FILED, "inbox18")
        near.move(WAITING, FILED, "cho4")

        def while_it_appends() -> None:
            far.append("INBOX", "new-while-appending")
            far.expunge("INBOX", "inbox20")
            far.flag("INBOX", "inbox21", add=[b"\\Flagged"])
            near.write(FILED, "near-while-appending")

        def while_it_stores() -> None:
            far.flag("INBOX", "inbox16", add=[b"\\Flagged"])
            far.move("INBOX", FILED, "inbox26")

        wire.when(rb"APPEND ", while_it_appends)
        wire.when(rb"STORE ", while_it_stores)
        client.sync()
        wire.heard()
        settle(lambda: client.transferred(wire))

    held = far.contents()
    assert held == near.contents()
    inbox = held["INBOX"]
    gone = {29, 4, 13, 14, 15, 17, 18, 20, 26}
    new = {"new-while-fetching", "far-new", "near-new", "new-while-appending", "cho4"}
    assert set(inbox) == {f"inbox{number}" for number in range(30) if number not in gone} | new
    assert set(held[FILED]) == {"inbox4", "inbox18", "inbox26", "near-while-appending", "cho4"}
    assert set(held[WAITING]) == {*(f"cho{number}" for number in range(4)), "inbox15"}
    flags = {number: inbox[f"inbox{number}"] for number in (2, 3, 10, 11, 12, 16, 21)}
    assert flags == {2: "F", 3: "S", 10: "R", 11: "", 12: "FS", 16: "FRS", 21: "FS"}
    assert inbox["near-new"] == "S"


def test_a_run_without_news_changes_nothing_on_the_server(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    """Over TLS with the certificate verified."""
    fill(far)
    client = OfflineImap(tmp_path, server, user)
    client.sync()
    before = far.moment()
    client.sync()
    assert far.moment() == before
    assert client.near.contents() == far.contents()
