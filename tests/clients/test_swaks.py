"""swaks, the Swiss army knife of those who try mail servers."""

from __future__ import annotations

import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from deploy.sockets import Door
from tests.clients.far import Far
from tests.clients.programs import run
from tests.clients.server import Server, User

# What the doors say to it is the same over both databases.
pytestmark = pytest.mark.database("sqlite")

NO_RECIPIENT, NO_AUTHENTICATION = 24, 28


class Swaks:
    """swaks for one user, who sends to himself."""

    def __init__(self, user: User, home: Path) -> None:
        self.user, self.home = user, home

    def __call__(self, port: int, *options: str) -> subprocess.CompletedProcess[bytes]:
        envelope = ("--helo", "pc.test", "--from", self.user.address, "--to", self.user.address)
        return run("swaks", "--server", f"localhost:{port}", *envelope, *options, home=self.home)

    def signed_in(self, port: int, *options: str) -> subprocess.CompletedProcess[bytes]:
        login = ("--auth-user", self.user.address, "--auth-password", self.user.password)
        return self(port, *login, *options)


@pytest.fixture
def swaks(user: User, tmp_path: Path) -> Swaks:
    return Swaks(user, tmp_path)


@pytest.mark.parametrize(
    "how", [["--auth", "LOGIN"], ["--auth", "PLAIN"], ["--auth", "LOGIN", "--pipeline"], ["--auth"]]
)
def test_it_signs_in_over_tls(server: Server, swaks: Swaks, far: Far, how: list[str]) -> None:
    verified = ("--tls-verify", "--tls-ca-path", str(server.certificate))
    for port, tls in ((server.submission, "--tls"), (server.submissions, "--tls-on-connect")):
        done = swaks.signed_in(port, tls, *verified, *how)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert len(far.octets("INBOX")) == 2


def test_it_attaches_a_scan(server: Server, swaks: Swaks, far: Far) -> None:
    scan = swaks.home / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 " * 50_000)
    letter = ("--header", "Subject: Cong van", "--body", "Kính gửi", "--attach-type", "application/pdf")
    done = swaks.signed_in(server.submissions, "--tls-on-connect", "--auth", *letter, "--attach", f"@{scan}")
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    (octets,) = far.octets("INBOX")
    _text, file = message_from_bytes(octets, policy=policy.default).iter_parts()
    assert (file.get_filename(), file.get_content()) == ("scan.pdf", scan.read_bytes())


def test_a_wrong_password_is_refused(server: Server, swaks: Swaks) -> None:
    done = swaks.signed_in(server.submissions, "--tls-on-connect", "--auth", "LOGIN", "--auth-password", "sai")
    assert (done.returncode, b"535 5.7.8" in done.stdout) == (NO_AUTHENTICATION, True)


def test_lmtp_answers_for_each_recipient(server: Server, swaks: Swaks, far: Far) -> None:
    """RFC 2033 §4.2."""
    both = f"{swaks.user.address},{server.new_user().address},khongco@sct.test"
    done = swaks(server.ports[Door.LMTP], "--protocol", "LMTP", "--to", both)
    assert (done.returncode, b"550 5.1.1" in done.stdout) == (0, True), done.stdout.decode()
    assert len(far.octets("INBOX")) == 1


def test_a_stranger_may_write_to_us_and_to_nobody_else(server: Server, swaks: Swaks, far: Far) -> None:
    mx = server.ports[Door.MX]
    assert swaks(mx, "--from", "x@ngoai.example", "--pipeline").returncode == 0
    assert len(far.octets("INBOX")) == 1
    for to, reply in (("khongco@sct.test", b"550 5.1.1"), ("x@ngoai.example", b"550 5.7.1")):
        done = swaks(mx, "--from", "x@ngoai.example", "--to", to)
        assert (done.returncode, reply in done.stdout) == (NO_RECIPIENT, True), done.stdout.decode()
