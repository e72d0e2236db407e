"""TLS: opportunistic to strangers, demanded and verified from a smarthost with a password."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from mailserver.outbound.connecting import Login, Tls
from tests.mailserver.outbound.conftest import Certificate, Sinks, World, trusting
from tests.support.listening import listening


async def test_any_certificate_is_better_than_none(world: World, sinks: Sinks, certificate: Certificate) -> None:
    sink = await sinks.open(context=certificate.server_context())
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert [got.tls for got in sink.got] == [True]


async def test_broken_tls_is_not_a_reason_to_keep_mail(world: World, sinks: Sinks) -> None:
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # without a certificate no handshake comes to its end
    sink = await sinks.open(context=empty)
    world.send("ba@far.test")
    await world.work_off(sink.port)
    assert [got.tls for got in sink.got] == [False]
    assert sink.connections == 2


async def test_where_tls_is_demanded_there_is_no_other_way(
    world: World, sinks: Sinks, certificate: Certificate
) -> None:
    plain = await sinks.open()
    world.send("ba@far.test")
    await world.work_off(plain.port, tls=Tls.REQUIRED, verifying=trusting(certificate))
    assert (plain.got, world.states()) == ([], {"ba@far.test": "waiting"})
    assert "STARTTLS" in world.recipients()["ba@far.test"].answer
    strange = await sinks.open(context=certificate.server_context())
    world.clock.advance(minutes=5)
    await world.work_off(strange.port, tls=Tls.REQUIRED, verifying=ssl.create_default_context())
    assert (strange.got, world.states()) == ([], {"ba@far.test": "waiting"})
    world.clock.advance(minutes=10)
    await world.work_off(strange.port, tls=Tls.REQUIRED, verifying=trusting(certificate))
    assert [got.tls for got in strange.got] == [True]


@pytest.mark.parametrize(("password", "state"), [("right", "sent"), ("wrong", "waiting")])
async def test_a_smarthost_with_a_password(
    world: World, sinks: Sinks, certificate: Certificate, password: str, state: str
) -> None:
    seen: list[Any] = []

    def authenticate(_server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    sink = await sinks.open(context=certificate.server_context(), authenticate=authenticate)
    world.send("ba@far.test")
    await world.work_off(sink.port, tls=Tls.REQUIRED, verifying=trusting(certificate), login=Login("so", password))
    assert world.states() == {"ba@far.test": state}
    assert seen[0][1:] == (b"so", password.encode())


def test_a_password_is_not_shown_by_accident() -> None:
    assert "secret" not in repr(Login("so", "secret"))


async def test_what_is_slipped_in_behind_the_answer_to_starttls_is_never_heard(
    world: World, certificate: Certificate
) -> None:
    """Whoever sits between would have every answer taken for that of the next command (CVE-2021-33515 and its kin)."""
    answers = {b"EHLO": b"250-mx\r\n250 STARTTLS\r\n", b"RCPT": b"550 5.1.1 nobody\r\n", b"DATA": b"354 go\r\n"}
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        while line := await reader.readline():
            heard.append(line[:4])
            if line.startswith(b"STARTTLS"):
                writer.write(b"220 go\r\n250 slipped in\r\n250 slipped in\r\n")
                await writer.drain()
                await writer.start_tls(certificate.server_context())
            else:
                writer.write(answers.get(line[:4], b"250 ok\r\n"))

    async with listening(serve) as port:
        world.send("ba@far.test")
        await world.work_off(port)
    assert heard[:5] == [b"EHLO", b"STAR", b"EHLO", b"MAIL", b"RCPT"]
    assert world.recipients()["ba@far.test"].answer.startswith("550")
