"""curl, which scripts use for both directions."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from imapclient import imap_utf7

from tests.clients.far import Far
from tests.clients.letters import letter
from tests.clients.programs import run
from tests.clients.server import Server, User

FOLDER = "Văn bản đến"
UTF7 = imap_utf7.encode(FOLDER)
PATH = quote(UTF7)
SEND_ERROR, LOGIN_DENIED = 55, 67


class Curl:
    """curl for one user, with the certificate verified."""

    def __init__(self, server: Server, user: User, home: Path) -> None:
        self.server, self.user, self.home = server, user, home

    def __call__(self, url: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        login = ("--user", f"{self.user.address}:{self.user.password}")
        trust = ("--cacert", str(self.server.certificate))
        return run("curl", "-sS", *trust, *login, url, *options, home=self.home)

    def imap(self, path: str = "", *options: str) -> bytes:
        """What it prints for a URL of the IMAP door under TLS; it must succeed."""
        done = self(f"imaps://localhost:{self.server.imaps}/{path}", *options)
        assert (done.returncode, done.stderr) == (0, b""), done
        return done.stdout

    def smtp(self, recipient: str, message: bytes, *options: str, url: str = "") -> subprocess.CompletedProcess[bytes]:
        file = self.home / "message.eml"
        file.write_bytes(message)
        envelope = ("--mail-from", self.user.address, "--mail-rcpt", recipient, "--upload-file", str(file))
        return self(url or f"smtps://localhost:{self.server.submissions}/pc.test", *envelope, *options)


@pytest.fixture
def curl(server: Server, user: User, tmp_path: Path) -> Curl:
    return Curl(server, user, tmp_path)


def test_it_reads_a_mailbox(curl: Curl, far: Far) -> None:
    """UID, MAILINDEX, SECTION and a search in the URL; commands of the user's own beside it."""
    far.client.create_folder(FOLDER)
    far.append(FOLDER, "a", "b", "c")
    far.expunge(FOLDER, "a")
    assert b'* LIST (\\HasNoChildren) "/" "%b"\r\n' % UTF7 in curl.imap()
    assert curl.imap("", "--request", f'STATUS "{UTF7.decode()}" (MESSAGES)').endswith(b"(MESSAGES 2)\r\n")
    assert curl.imap(f"{PATH};UID=2") == letter("b")
    assert curl.imap(f"{PATH};MAILINDEX=2") == letter("c")
    assert curl.imap(f"{PATH};UID=2/;SECTION=TEXT") == "Kính gửi, đây là thư b.\r\n".encode()
    field = quote("HEADER.FIELDS (MESSAGE-ID)")
    assert curl.imap(f"{PATH};UID=2/;SECTION={field}") == b"Message-ID: <b@doitac.example>\r\n\r\n"
    assert curl.imap(f"{PATH}?{quote('SUBJECT c')}") == b"* SEARCH 1 2\r\n"
    assert curl.imap(PATH, "--request", "UID SEARCH HEADER MESSAGE-ID c@") == b"* SEARCH 3\r\n"


def test_it_writes_to_a_mailbox(curl: Curl, far: Far) -> None:
    """It files what it uploads as read."""
    far.client.create_folder(FOLDER)
    file = curl.home / "letter.eml"
    file.write_bytes(letter("a"))
    curl.imap(PATH, "--upload-file", str(file))
    assert b"\\Flagged" in curl.imap(PATH, "--request", "STORE 1 +FLAGS (\\Flagged)")
    assert far.contents(FOLDER) == {FOLDER: {"a": "FS"}}
    curl.imap(PATH, "--request", "STORE 1 +FLAGS.SILENT \\Deleted")
    assert curl.imap(PATH, "--request", "EXPUNGE") == b"* 1 EXPUNGE\r\n"
    assert far.contents(FOLDER) == {FOLDER: {}}


@pytest.mark.parametrize("options", [[], ["--sasl-ir"], ["--login-options", "AUTH=LOGIN"]])
def test_it_signs_in_over_starttls(curl: Curl, server: Server, options: list[str]) -> None:
    done = curl(f"imap://localhost:{server.imap}/INBOX", "--ssl-reqd", "--request", "STATUS INBOX (MESSAGES)", *options)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"* STATUS INBOX (MESSAGES 0)\r\n"


def test_a_wrong_password_is_a_wrong_password_at_both_doors(curl: Curl, server: Server) -> None:
    wrong = ("--user", f"{curl.user.address}:sai")
    assert curl(f"imaps://localhost:{server.imaps}/", *wrong).returncode == LOGIN_DENIED
    assert curl.smtp(curl.user.address, letter("a"), *wrong).returncode == LOGIN_DENIED


@pytest.mark.parametrize("options", [[], ["--sasl-ir"], ["--login-options", "AUTH=LOGIN"]])
def test_it_sends_8_bit_text(curl: Curl, server: Server, far: Far, options: list[str]) -> None:
    message = letter("a", sender=curl.user.address)
    for url in (f"smtps://localhost:{server.submissions}/pc.test", f"smtp://localhost:{server.submission}/pc.test"):
        done = curl.smtp(curl.user.address, message, "--ssl-reqd", *options, url=url)
        assert (done.returncode, done.stderr) == (0, b"")
    stored = far.octets("INBOX")
    assert [octets.endswith(message) and b"with ESMTPSA id" in octets for octets in stored] == [True, True]


def test_it_learns_that_a_file_is_too_large_before_it_sends_it(curl: Curl, far: Far) -> None:
    """It tells SIZE in MAIL (RFC 1870 §6.1). Of text, the limit of 10 MB leaves 14.4 MB on the wire."""
    large = letter("a", sender=curl.user.address) + b"x" * 78 * 200_000
    done = curl.smtp(curl.user.address, large, "--write-out", "%{size_upload}")
    assert (done.returncode, done.stdout) == (SEND_ERROR, b"0")
    assert far.octets("INBOX") == []
