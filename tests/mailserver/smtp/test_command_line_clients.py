"""curl, gsasl, msmtp and swaks as Debian has them: what people's scripts, printers and scanners send with."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from mailserver.delivery.delivery import Incoming
from mailserver.delivery.envelope import Notify, Ret
from mailserver.smtp.settings import Role
from tests.mailserver.smtp.conftest import Blocking, Doors
from tests.support.office import PASSWORD, Office

AN, BINH = "an@sct.test", "binh@sct.test"
LETTER = "From: an@sct.test\r\nTo: binh@sct.test\r\nSubject: Công văn\r\n\r\n.\r\nKính gửi\r\n"


def run(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """A client with an empty environment: nobody's own settings take part."""
    return subprocess.run(
        command, input=text, text=True, capture_output=True, timeout=30, env={"PATH": "/usr/bin:/bin", "HOME": "/"}
    )


def curl(port: int, folder: Path, *options: str, scheme: str = "smtp") -> subprocess.CompletedProcess[str]:
    letter = folder / "letter.eml"
    letter.write_bytes(LETTER.encode())
    envelope = ("--mail-from", AN, "--mail-rcpt", BINH, "--upload-file", str(letter))
    return run("curl", "-sS", "--insecure", f"{scheme}://localhost:{port}/pc.test", *envelope, *options)


@pytest.mark.parametrize("options", [[], ["--sasl-ir"], ["--login-options", "AUTH=LOGIN"]])
async def test_curl_over_starttls(
    doors: Doors, office: Office, tls: ssl.SSLContext, tmp_path: Path, in_thread: Blocking, options: list[str]
) -> None:
    port = await doors.open(Role.SUBMISSION, tls=tls)
    done = await in_thread(curl, port, tmp_path, "--ssl-reqd", "--user", f"{AN}:{PASSWORD}", *options)
    assert (done.returncode, done.stderr) == (0, "")
    (stored,) = office.mail("binh")
    assert stored.endswith("\r\n\r\n.\r\nKính gửi\r\n".encode())
    assert b"with ESMTPSA id" in stored or b"with UTF8SMTPSA id" in stored


async def test_curl_over_tls_with_a_wrong_password(
    doors: Doors, office: Office, tls: ssl.SSLContext, tmp_path: Path, in_thread: Blocking
) -> None:
    port = await doors.open(Role.SUBMISSIONS, tls=tls)
    done = await in_thread(curl, port, tmp_path, "--user", f"{AN}:wrong", scheme="smtps")
    assert done.returncode == 67  # CURLE_LOGIN_DENIED
    done = await in_thread(curl, port, tmp_path, "--user", f"{AN}:{PASSWORD}", scheme="smtps")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(office.mail("binh")) == 1


def msmtp(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    server = ("--host=localhost", f"--port={port}", "--tls=on", "--tls-certcheck=off", "--domain=pc.test")
    login = (f"--user={AN}", f"--passwordeval=printf '%s' '{PASSWORD}'", f"--from={AN}")
    return run("msmtp", "--file=/dev/null", *server, *login, *options, BINH, text=LETTER)


@pytest.mark.parametrize("mechanism", ["scram-sha-256", "plain", "login", "on"])
async def test_msmtp_signs_in_by_every_mechanism(
    doors: Doors, office: Office, tls: ssl.SSLContext, in_thread: Blocking, mechanism: str
) -> None:
    """A client of GNU SASL; "on" lets it choose the best that we offer."""
    port = await doors.open(Role.SUBMISSION, tls=tls)
    done = await in_thread(msmtp, port, "--tls-starttls=on", f"--auth={mechanism}")
    assert (done.returncode, done.stderr) == (0, "")
    assert b"with ESMTPSA id" in office.mail("binh")[0]


async def test_msmtp_asks_for_notifications(
    doors: Doors, office: Office, tls: ssl.SSLContext, in_thread: Blocking
) -> None:
    seen: list[Incoming] = []
    deliver = doors.delivery.deliver

    async def watched(incoming: Incoming) -> None:
        seen.append(incoming)
        await deliver(incoming)

    doors.delivery.deliver = watched  # type: ignore[method-assign]
    port = await doors.open(Role.SUBMISSIONS, tls=tls)
    wishes = ("--dsn-notify=failure,delay", "--dsn-return=hdrs")
    done = await in_thread(msmtp, port, "--tls-starttls=off", "--auth=on", *wishes)
    assert (done.returncode, done.stderr) == (0, "")
    assert seen[0].wishes.ret is Ret.HDRS
    assert seen[0].wishes.for_(BINH).notify == {Notify.FAILURE, Notify.DELAY}


def swaks(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    common = ("--server", f"127.0.0.1:{port}", "--helo", "pc.test", "--from", AN, "--to", BINH)
    return run("swaks", *common, "--header", "Subject: swaks", *options)


@pytest.mark.parametrize("options", [["--auth", "LOGIN"], ["--auth", "PLAIN"], ["--auth", "LOGIN", "--pipeline"]])
async def test_swaks_over_starttls(
    doors: Doors, office: Office, tls: ssl.SSLContext, in_thread: Blocking, options: list[str]
) -> None:
    port = await doors.open(Role.SUBMISSION, tls=tls)
    login = ("--auth-user", AN, "--auth-password", PASSWORD)
    done = await in_thread(swaks, port, "--tls", *login, *options)
    assert done.returncode == 0, done.stdout
    assert len(office.mail("binh")) == 1


async def test_swaks_over_lmtp_and_as_a_stranger(doors: Doors, office: Office, in_thread: Blocking) -> None:
    lmtp, mx = await doors.open(Role.LMTP), await doors.open(Role.MX)
    assert (await in_thread(swaks, lmtp, "--protocol", "LMTP")).returncode == 0
    assert (await in_thread(swaks, mx, "--from", "x@elsewhere.test", "--pipeline")).returncode == 0
    unknown = await in_thread(swaks, mx, "--from", "x@elsewhere.test", "--to", "nobody@sct.test")
    assert unknown.returncode == 24  # no recipient was taken
    assert "550 5.1.1" in unknown.stdout
    assert len(office.mail("binh")) == 2


def gsasl(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    login = ("--authentication-id", AN, "--authorization-id=", "--password", PASSWORD, "--x509-ca-file=")
    return run("gsasl", "--client", "--smtp", f"--connect=localhost:{port}", *login, *options)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_gsasl_binds_its_sign_in_to_the_channel(
    doors: Doors, tls: ssl.SSLContext, in_thread: Blocking, version: str
) -> None:
    """GNU SASL over GnuTLS computes what it binds to without any code of ours."""
    port = await doors.open(Role.SUBMISSION, tls=tls)
    priority = f"--priority=NORMAL:-VERS-ALL:+VERS-TLS{version}"
    done = await in_thread(gsasl, port, "--starttls", priority, "--mechanism=SCRAM-SHA-256-PLUS")
    assert "Authentication successful" in done.stdout, done.stdout + done.stderr
