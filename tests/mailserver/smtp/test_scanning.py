"""Real scanners behind the doors: what they find, and what becomes of mail while they do not answer."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailbox_policies import chain
from mailbox_policies.forbidden.telling import Clerks
from mailbox_policies.holding import rows
from mailbox_policies.holding.keeper import Keeper
from mailbox_policies.holding.records import Kind
from mailbox_policies.rules import rspamd as rspamd_rule
from mailbox_policies.rules import virus as virus_rule
from mailserver.delivery.delivery import Delivery
from mailserver.scanning.clamd import Clamd
from mailserver.scanning.guard import FAILURES
from mailserver.scanning.rspamd import Rspamd
from mailserver.scanning.scanners import Scanners
from mailserver.scanning.wire import Place
from mailserver.smtp.settings import Role
from mailserver.store import raw
from tests.mailserver.smtp.conftest import SIZE, Doors
from tests.mailserver.smtp.test_forbidden_classes import make_clerk
from tests.support.daemons import MARKED, PUT_OFF, REJECTED, VIRUS, Daemon
from tests.support.office import PASSWORD, Office

Mail = EmailMessage


def letter(text: str = "Kính gửi anh.", file: bytes = b"", subject: str = "x") -> Mail:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "an@sct.test", "binh@sct.test", subject
    message["Date"], message["Message-ID"] = "Tue, 5 Mar 2024 08:30:00 +0700", "<1@sct.test>"
    message.set_content(text)
    if file:
        message.add_attachment(file, maintype="application", subtype="octet-stream", filename="a.bin")
    return message


def with_scanners(doors: Doors, scanners: Scanners, *settings: object) -> Doors:
    policy = chain.standard(chain.for_all(chain.Settings(SIZE, *settings)))
    keeper = Keeper(Clerks(doors.store.blobs))
    hostname = doors.settings.hostname
    doors.delivery = Delivery(
        doors.store, hostname, lambda: datetime.now(UTC), policy, keeper=keeper, scanners=scanners
    )
    return doors


async def said(doors: Doors, role: Role, message: Mail, to: tuple[str, ...] = ("binh@sct.test",)) -> str:
    peer = await doors.connect(role, allow_plaintext=True)
    if role is Role.SUBMISSION:
        await peer.hello()
        secret = b64encode(f"\0an\0{PASSWORD}".encode()).decode()
        assert (await peer.say(f"AUTH PLAIN {secret}")).startswith("235")
    assert (await peer.begin(list(to), "<an@sct.test>")).startswith("354")
    peer.send(message.as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
    return await peer.reply()


async def verdicts(doors: Doors) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        query = "SELECT data FROM event WHERE kind = 'policy.verdict' ORDER BY id"
        found = doors.store.db.read(lambda conn: raw.rows(conn, query))
        return [raw.from_json(one[0]) for one in found]

    return await asyncio.to_thread(read)


@pytest.mark.requirement("R-026")
async def test_mail_with_a_virus_is_quarantined_and_never_delivered(
    doors: Doors, office: Office, clamd: Daemon
) -> None:
    with_scanners(doors, Scanners(Clamd(clamd.at, seconds=60)))
    await asyncio.to_thread(make_clerk, doors, office)
    answer = await said(doors, Role.MX, letter(file=b"x" + VIRUS))
    assert answer.startswith("250 ") and "cach ly" in answer
    (told,) = office.mail("binh")
    message = email.message_from_bytes(told, policy=email.policy.default)
    assert "có vi-rút" in message["Subject"] and "Vanthu.Test.Body" in message.get_content()
    kept = await asyncio.to_thread(doors.store.db.read, lambda conn: rows.get(conn, 1))
    assert (kept.kind, kept.rule, kept.cause) == (Kind.QUARANTINED, "virus", "virus")
    assert "Vanthu.Test.Body" in kept.facts["virus"]
    assert (await said(doors, Role.MX, letter(file=b"clean"))).startswith("250 ")
    assert len(office.mail("binh")) == 2


@pytest.mark.requirement("R-026")
async def test_who_sends_a_virus_is_told_at_once(doors: Doors, office: Office, clamd: Daemon) -> None:
    with_scanners(doors, Scanners(Clamd(clamd.at, seconds=60)))
    answer = await said(doors, Role.SUBMISSION, letter(file=b"x" + VIRUS))
    assert answer.startswith("554 5.7.1 ") and "Vanthu.Test.Body" in answer and "123/Q" in answer
    assert office.mail("binh") == []
    assert (await said(doors, Role.SUBMISSION, letter(file=b"clean"))).startswith("250 ")


async def test_what_rspamd_refuses_or_marks_is_junk_and_what_it_wants_later_comes_later(
    doors: Doors, office: Office, rspamd: Daemon
) -> None:
    with_scanners(doors, Scanners(rspamd=Rspamd(rspamd.at, seconds=60)))
    for text in (REJECTED, MARKED, "x"):
        assert (await said(doors, Role.MX, letter(text))).startswith("250 ")
    assert (len(office.mail("binh", "Junk")), len(office.mail("binh"))) == (2, 1)
    assert (await said(doors, Role.MX, letter("x", subject=PUT_OFF))).startswith("451 4.7.1 ")
    assert (len(office.mail("binh", "Junk")), len(office.mail("binh"))) == (2, 1)
    told = await verdicts(doors)
    assert [(one["action"], one["cause"]) for one in told] == [("junk", "spam")] * 2 + [("defer", "spam")]


async def test_an_agency_may_refuse_what_rspamd_refuses(doors: Doors, office: Office, rspamd: Daemon) -> None:
    strict = rspamd_rule.Settings(refused=rspamd_rule.Outcome.REJECT)
    with_scanners(doors, Scanners(rspamd=Rspamd(rspamd.at, seconds=60)), strict)
    assert (await said(doors, Role.MX, letter(REJECTED))).startswith("550 5.7.1 ")
    assert (await said(doors, Role.SUBMISSION, letter(REJECTED))).startswith("250 ")  # our own people are not scored
    assert (len(office.mail("binh", "Junk")), len(office.mail("binh"))) == (0, 1)


@pytest.mark.parametrize("role", [Role.MX, Role.SUBMISSION])
@pytest.mark.parametrize("silent", list(virus_rule.WhenSilent))
async def test_mail_that_could_not_be_scanned_waits_or_passes_with_a_note(
    doors: Doors, office: Office, tmp_path: Path, role: Role, silent: virus_rule.WhenSilent
) -> None:
    nobody = Scanners(Clamd(Place(path=str(tmp_path / "nobody.sock"))))
    with_scanners(doors, nobody, virus_rule.Settings(silent))
    answer = await said(doors, role, letter(file=VIRUS))
    waits = silent is virus_rule.WhenSilent.DEFER
    assert answer.startswith("451 4.3.2 " if waits else "250 ")
    assert len(office.mail("binh")) == (0 if waits else 1)
    (told,) = await verdicts(doors)
    assert (told["action"], told["cause"]) == ("defer" if waits else "annotate", "not-scanned")


async def test_a_daemon_that_hangs_stalls_a_few_messages_and_then_none(doors: Doors, office: Office) -> None:
    """It takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        at = Place(host="127.0.0.1", port=server.getsockname()[1])
        with_scanners(doors, Scanners(Clamd(at, seconds=0.1)), virus_rule.Settings(virus_rule.WhenSilent.PASS))
        answers = [await said(doors, Role.MX, letter(file=b"x")) for _ in range(FAILURES + 5)]
    assert {one[:4] for one in answers} == {"250 "}
    assert len(office.mail("binh")) == FAILURES + 5
    assert [one["facts"]["why"] for one in await verdicts(doors)] == ["late"] * FAILURES + ["down"] * 5
