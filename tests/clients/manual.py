"""Settings of mail programs as the manual for users gives them, for a server and a user of a test."""

from __future__ import annotations

import re
from pathlib import Path

from tests.clients.server import Server, User

MANUAL = Path(__file__).parents[2] / "docs" / "user.md"
HOST, ADDRESS = "mail.sxd.hungbinh.example", "an@sxd.hungbinh.example"
TRUST, SECRET = "/etc/ssl/certs/ca-certificates.crt", ".mat-khau-thu"
# In the manual, whatever the program writes before and after it.
IMAPS, SUBMISSIONS = re.compile(r"\b993\b"), re.compile(r"\b465\b")


def write_settings(program: str, home: Path, server: Server, user: User, changes: dict[str, str] | None = None) -> Path:
    """The manual's block of this name as a file in `home`, with the password file beside it.

    changes: what a test has otherwise; each key must be in the block once at least.
    """
    found = re.search(rf"^```{program}\n(.*?)^```$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"the manual says nothing about {program}"
    text = found[1].replace(ADDRESS, user.address).replace(HOST, "localhost").replace(TRUST, str(server.certificate))
    for old, new in (changes or {}).items():
        assert old in text, f"the manual has no {old!r} for {program}"
        text = text.replace(old, new)
    text = SUBMISSIONS.sub(str(server.submissions), IMAPS.sub(str(server.imaps), text))
    secret = home / SECRET
    secret.write_text(user.password + "\n", encoding="utf-8")
    secret.chmod(0o600)
    path = home / f".{program}"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path
