"""mbsync (isync) keeps a tree of Maildirs and a mailbox alike while both are being changed."""

from __future__ import annotations

import re
from pathlib import Path

from tests.clients.far import Far
from tests.clients.manual import write_settings
from tests.clients.near import Near
from tests.clients.programs import run, settle
from tests.clients.server import Server, User
from tests.clients.wire import Wire

FILED = "Văn bản/Đã xử lý"
# Commands that carry a message or a change of one.
TRANSFERS = re.compile(r"(?m)^.*>>> .*(?:BODY\.PEEK\[\]|APPEND|STORE|EXPUNGE|CREATE|COPY|MOVE).*$")


class Mbsync:
    """mbsync with a tree of Maildirs of its own."""

    def __init__(self, home: Path, server: Server, user: User, wire: Wire | None = None) -> None:
        """wire: to the plain door, instead of TLS."""
        plain = {"SSLType IMAPS": "SSLType None\nAuthMechs LOGIN", "993": str(wire.port)} if wire else {}
        self.config = write_settings("mbsyncrc", home, server, user, plain)
        self.home = home
        self.near = Near(home / "thu", utf7=True)
        self.near.top.mkdir()

    def sync(self) -> list[str]:
        """One run; its commands that transferred something."""
        done = run("mbsync", "-Dn", "-c", str(self.config), "thu", home=self.home)
        output = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == 0, output
        return TRANSFERS.findall(output)


def fill(far: Far, messages: int = 60) -> None:
    for folder in ("Văn bản", FILED):
        far.client.create_folder(folder)
    far.append("INBOX", *(f"inbox{number}" for number in range(messages)))
    far.flag("INBOX", *(f"inbox{number}" for number in range(1, 60, 2)), add=[b"\\Seen"])
    far.append("Văn bản", *(f"vanban{number}" for number in range(5)), flags=[b"\\Flagged"])


def test_changes_on_both_sides_meet_while_it_runs(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    fill(far)
    with Wire.to(server.imap) as wire:
        client = Mbsync(tmp_path, server, user, wire)
        near = client.near

        def while_it_fetches() -> None:
            far.append("INBOX", "new-while-fetching")
            far.expunge("INBOX", "inbox0", "inbox59")
            far.flag("INBOX", "inbox2", add=[b"\\Flagged"])
            far.move("INBOX", FILED, "inbox4", "inbox57")

        wire.when(rb"UID FETCH \S+ .*BODY\.PEEK\[\]", while_it_fetches)
        client.sync()

        far.append("INBOX", "far-new")
        far.flag("INBOX", "inbox10", add=[b"\\Answered"])
        far.flag("INBOX", "inbox11", remove=[b"\\Seen"])
        far.flag("INBOX", "inbox12", add=[b"\\Flagged"])
        far.expunge("INBOX", "inbox13", "inbox14")
        far.move("INBOX", "Văn bản", "inbox15")
        near.write("INBOX", "near-new", flags="S")
        near.set_flags("INBOX", "inbox12", "S")
        near.set_flags("INBOX", "inbox16", "RS")
        near.remove("INBOX", "inbox14", "inbox17")
        near.move("INBOX", FILED, "inbox18")

        def while_it_appends() -> None:
            far.append("INBOX", "new-while-appending")
            far.expunge("INBOX", "inbox20")
            far.flag("INBOX", "inbox21", add=[b"\\Flagged"])
            near.write("INBOX", "near-while-appending")
            near.remove("INBOX", "inbox22")
            near.set_flags("INBOX", "inbox24", "F")

        def while_it_stores() -> None:
            far.flag("INBOX", "inbox16", add=[b"\\Flagged"], remove=[b"\\Seen"])
            far.move("INBOX", FILED, "inbox26")
            far.append(FILED, "filed-while-storing")

        wire.when(rb"APPEND ", while_it_appends)
        wire.when(rb"UID STORE ", while_it_stores)
        client.sync()
        settle(client.sync)

    held = far.contents()
    assert held == near.contents()
    inbox, filed = held["INBOX"], held[FILED]
    gone = {0, 59, 4, 57, 13, 14, 15, 17, 18, 20, 22, 26}
    new = {"new-while-fetching", "far-new", "near-new", "new-while-appending", "near-while-appending"}
    assert set(inbox) == {f"inbox{number}" for number in range(60) if number not in gone} | new
    assert set(filed) == {"inbox4", "inbox57", "inbox18", "inbox26", "filed-while-storing"}
    assert set(held["Văn bản"]) == {*(f"vanban{number}" for number in range(5)), "inbox15"}
    flags = {number: inbox[f"inbox{number}"] for number in (2, 3, 10, 11, 12, 21, 24)}
    assert flags == {2: "F", 3: "S", 10: "R", 11: "", 12: "FS", 21: "FS", 24: "F"}
    assert inbox["near-new"] == "S"


def test_a_run_without_news_changes_nothing_on_the_server(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    """A thousand messages, over TLS with the certificate verified, and the mechanism that it likes best."""
    fill(far, 1000)
    client = Mbsync(tmp_path, server, user)
    assert client.sync()
    before = far.moment()
    assert client.sync() == []
    assert far.moment() == before
    assert client.near.contents() == far.contents()
