"""`vanthu collector …` on a running installation that is its own mailbox elsewhere."""

from __future__ import annotations

import imaplib
import os
import signal
import smtplib
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.deploy.conftest import PASSWORD
from tests.deploy.waiting import eventually
from tests.e2e.product import Product
from tests.support.sink import Sink, serving

MAIL = (
    b"From: x@y.example\r\nTo: an@sxd.test\r\nSubject: Cong van %d\r\nMessage-ID: <%d@y.example>\r\n\r\nNoi dung.\r\n"
)


def run(config: Path, *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *words], input=stdin, catch_exceptions=False)


def add(product: Product, *options: str, password: str = PASSWORD) -> Result:
    remote = ("--host", "127.0.0.1", "--port", str(product.ports.imap), "--tls", "none", "--login", "an@sxd.test")
    return run(
        product.config, "collector", "add", "binh@sxd.test", *remote, "--password-stdin", *options, stdin=password
    )


def subjects(product: Product, local: str) -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", product.ports.imap, timeout=30) as client:
        client.login(f"{local}@sxd.test", PASSWORD)
        client.select("INBOX", readonly=True)
        _, found = client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return sorted(one[1].strip() for one in found if isinstance(one, tuple))


def send(product: Product, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=30) as client:
        client.sendmail("x@y.example", ["an@sxd.test"], MAIL % (number, number))


def collectors(product: Product) -> list[int]:
    def title(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
        except OSError:
            return ""

    return [pid for pid in product.children() if "vanthu: collector" in title(pid)]


def test_mail_is_brought_once_however_often_the_collector_is_killed(staffed: Product) -> None:
    staffed.start()
    assert add(staffed, "--after", "delete").exit_code == 0
    sent = 6
    for number in range(sent):
        send(staffed, number)
        for pid in collectors(staffed)[: number % 3]:
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(subjects(staffed, "binh")) >= sent and not subjects(staffed, "an"))
    assert subjects(staffed, "binh") == sorted(b"Subject: Cong van %d" % number for number in range(sent))
    told = run(staffed.config, "collector", "status", "1").stdout
    assert "Tình trạng: tốt" in told and f"Số thư đã lấy: {sent}" in told
    assert staffed.stop() == 0


def test_an_administrator_sees_what_is_wrong_and_mends_it(staffed: Product) -> None:
    assert "Chưa có" in run(staffed.config, "collector", "list").stdout
    staffed.start()
    send(staffed, 1)
    assert add(staffed, password="sai mat khau").exit_code == 0
    checked = run(staffed.config, "collector", "check", "1")
    assert checked.exit_code == 1 and "không cho đăng nhập" in checked.stderr
    eventually(lambda: "không cho đăng nhập" in run(staffed.config, "collector", "list").stdout)
    status = run(staffed.config, "collector", "status", "1").stdout
    assert "lỗi lần thứ 1" in status and "Thử lại lúc" in status
    assert run(staffed.config, "collector", "passwd", "1", "--password-stdin", stdin=PASSWORD).exit_code == 0
    assert "INBOX: 1 thư" in run(staffed.config, "collector", "check", "1").stdout
    eventually(lambda: len(subjects(staffed, "binh")) == 1)
    assert run(staffed.config, "collector", "pause", "1").exit_code == 0
    assert "tạm dừng" in run(staffed.config, "collector", "list").stdout
    assert run(staffed.config, "collector", "resume", "1").exit_code == 0
    assert run(staffed.config, "collector", "remove", "1").exit_code == 0
    assert run(staffed.config, "collector", "status", "1").exit_code == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--tls", "none", "--host", "imap.xa.example"), "không mã hóa"),
        (("--fingerprint", "12:34"), "64"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(staffed: Product, options: tuple[str, ...], told: str) -> None:
    refused = add(staffed, *options)
    assert refused.exit_code in (1, 2) and told in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_mail_under_the_address_elsewhere_is_sent_by_a_server_of_its_own(staffed: Product) -> None:
    secret = "mat khau gui thu 2026"
    assert add(staffed).exit_code == 0

    def send(*words: str, stdin: str = "") -> Result:
        return run(staffed.config, "collector", "send", "1", *words, stdin=stdin)

    done = send("--as", "So@gmail.example", "--host", "smtp.gmail.example", "--password-stdin", stdin=secret)
    assert done.exit_code == 0 and "outbound.enabled" in done.stdout
    assert (
        "so@gmail.example: an@sxd.test @ smtp.gmail.example:465, TLS"
        in run(staffed.config, "collector", "status", "1").stdout
    )
    for words, told in (
        (("--as", "moi@sxd.test", "--host", "smtp.gmail.example"), "tên miền của cơ quan"),
        (("--as", "so", "--host", "smtp.gmail.example"), "không phải địa chỉ"),
        (("--as", "b@c.example", "--host", "smtp.gmail.example", "--tls", "none"), "không mã hóa"),
    ):
        refused = send(*words)
        assert refused.exit_code == 1 and told in refused.stderr
    assert secret.encode() not in (staffed.data / "vanthu.sqlite3").read_bytes()
    ended = [run(staffed.config, "collector", "no-send", "1").exit_code for _ in range(2)]
    assert ended == [0, 1]
    assert "smtp.gmail.example" not in run(staffed.config, "collector", "status", "1").stdout


def taken(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"so", b"bi mat"), handled=False)


def test_an_office_answers_under_its_address_elsewhere(staffed: Product) -> None:
    with staffed.config.open("a", encoding="utf-8") as more:
        more.write("[outbound]\nenabled = true\n")
    staffed.start()
    assert add(staffed).exit_code == 0
    refused = {"nobody@xa.test": "550 5.1.1 nobody"}
    with serving(Sink(authenticate=taken, rcpt=refused)) as sink:
        server = ("--host", "127.0.0.1", "--port", str(sink.port), "--tls", "none", "--login", "so")
        for password, said in (("sai", 1), ("bi mat", 0)):
            words = ("send", "1", "--as", "so@xa.test", *server, "--password-stdin")
            assert run(staffed.config, "collector", *words, stdin=password).exit_code == 0
            assert run(staffed.config, "collector", "check", "1").exit_code == said
        with smtplib.SMTP("127.0.0.1", staffed.ports.submission, timeout=30) as client:
            client.login("binh@sxd.test", PASSWORD)
            letter = b"From: so@xa.test\r\nTo: dan@xa.test\r\nSubject: Tra loi\r\n\r\nNoi dung.\r\n"
            client.sendmail("so@xa.test", ["dan@xa.test", "nobody@xa.test"], letter)
        eventually(lambda: [(one.sender, one.recipients) for one in sink.got] == [("so@xa.test", ("dan@xa.test",))])
        # The refusal of the other one is told in the mailbox here.
        eventually(lambda: len(subjects(staffed, "binh")) == 1)
        assert staffed.stop() == 0


def test_the_password_is_not_in_the_database(staffed: Product) -> None:
    secret = "mat khau o xa 2026"
    assert add(staffed, password=secret).exit_code == 0
    assert (staffed.data / "collector.key").stat().st_mode & 0o077 == 0
    for path in staffed.data.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
