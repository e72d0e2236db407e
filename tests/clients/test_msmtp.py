"""msmtp: what scripts, scanners and other mail programs send with."""

from __future__ import annotations

import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.clients.far import Far
from tests.clients.letters import letter
from tests.clients.manual import SECRET, write_settings
from tests.clients.programs import run
from tests.clients.server import Server, User

# What the doors say to it is the same over both databases.
pytestmark = pytest.mark.database("sqlite")

# sysexits.h
EX_DATAERR, EX_UNAVAILABLE, EX_NOPERM = 65, 69, 77


class Msmtp:
    """msmtp with the settings of the manual."""

    def __init__(self, home: Path, server: Server, user: User, changes: dict[str, str] | None = None) -> None:
        self.home = home
        self.config = write_settings("msmtprc", home, server, user, changes)

    def send(self, message: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = ("msmtp", f"--file={self.config}", "--domain=pc.test", *arguments)
        return run(*command, home=self.home, text=message)


def own_letter(name: str, user: User) -> bytes:
    return letter(name, sender=user.address)


@pytest.mark.parametrize("mechanism", ["on", "plain", "login", "scram-sha-256"])
def test_it_signs_in_by_every_mechanism(server: Server, user: User, far: Far, tmp_path: Path, mechanism: str) -> None:
    """Over TLS from the first octet; "on" takes the best that we tell of. The letter has 8-bit text."""
    done = Msmtp(tmp_path, server, user, {"auth on": f"auth {mechanism}"}).send(own_letter("a", user), user.address)
    assert (done.returncode, done.stderr) == (0, b"")
    assert far.contents("INBOX") == {"INBOX": {"a": ""}}


def test_it_sends_over_starttls(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    starttls = {"port 465": f"port {server.submission}", "tls_starttls off": "tls_starttls on"}
    done = Msmtp(tmp_path, server, user, starttls).send(own_letter("a", user), "--read-recipients", user.address)
    assert (done.returncode, done.stderr) == (0, b"")
    assert far.contents("INBOX") == {"INBOX": {"a": ""}}


def test_it_is_notified_of_success(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    """RFC 3461 §4.1: the notification names the recipient and carries the header only, as RET asks."""
    colleague = server.new_user()
    wishes = ("--dsn-notify=success,failure", "--dsn-return=hdrs")
    done = Msmtp(tmp_path, server, user).send(own_letter("a", user), *wishes, colleague.address)
    assert (done.returncode, done.stderr) == (0, b"")
    (octets,) = far.octets("INBOX")
    report = message_from_bytes(octets, policy=policy.default)
    text, status, returned = report.iter_parts()
    assert text.get_content().startswith("Thư của bạn đã vào hộp thư")
    (_server, recipient) = status.iter_parts()
    assert (recipient["Final-Recipient"], recipient["Action"]) == (f"rfc822; {colleague.address}", "delivered")
    assert returned.get_content_type() == "text/rfc822-headers"


def test_it_says_why_a_letter_is_not_taken(server: Server, user: User, far: Far, tmp_path: Path) -> None:
    """The limit is said as people know it, not as base64 needs it on the wire."""
    client, letter_ = Msmtp(tmp_path, server, user), own_letter("a", user)
    for message, options, status, reason in (
        (letter_ + b"x" * 78 * 200_000, (user.address,), EX_UNAVAILABLE, "552 5.3.4 Thư lớn hơn mức cho phép 10 MB"),
        (letter_, ("khongco@sct.test",), EX_DATAERR, "550 5.1.1 Không có địa chỉ này"),
        (letter_, ("--from=x@sct.test", user.address), EX_UNAVAILABLE, "550 5.7.1 Tài khoản này không được gửi"),
    ):
        done = client.send(message, *options)
        assert (done.returncode, reason in done.stderr.decode()) == (status, True), done.stderr.decode()
    (tmp_path / SECRET).write_text("sai", encoding="utf-8")
    done = client.send(letter_, user.address)
    assert (done.returncode, b"535 5.7.8" in done.stderr) == (EX_NOPERM, True)
    assert far.contents("INBOX") == {"INBOX": {}}
