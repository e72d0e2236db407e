"""gsasl, the command of GNU SASL: it computes what a sign-in is bound to without any code of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.programs import run
from tests.clients.server import Server, User

# What the doors say to it is the same over both databases.
pytestmark = pytest.mark.database("sqlite")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("door", ["imap", "smtp"])
def test_it_binds_its_sign_in_to_the_channel(
    server: Server, user: User, tmp_path: Path, door: str, version: str
) -> None:
    port = server.imap if door == "imap" else server.submission
    done = run(
        "gsasl",
        "--client",
        f"--{door}",
        f"--connect=localhost:{port}",
        "--starttls",
        f"--x509-ca-file={server.certificate}",
        f"--priority=NORMAL:-VERS-ALL:+VERS-TLS{version}",
        "--mechanism=SCRAM-SHA-256-PLUS",
        f"--authentication-id={user.address}",
        "--authorization-id=",
        f"--password={user.password}",
        home=tmp_path,
    )
    assert b"Signed in" in done.stdout or b"Authentication successful" in done.stdout, done
    assert b"server trusted" in done.stderr, done
