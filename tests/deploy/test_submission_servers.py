"""Mail under an address elsewhere goes out by that mailbox's own server, signed in and under TLS."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from deploy.submission_servers import routed
from deploy.tls import make_self_signed
from mailserver.actor import SYSTEM
from mailserver.collector import accounts, sending
from mailserver.collector.records import Remote, Security, Wish
from mailserver.collector.vault import PasswordVault, new_key
from mailserver.outbound.routes import Way
from mailserver.senderauth import keys
from mailserver.senderauth.signing import Signer
from tests.mailserver.outbound.conftest import HOST, LETTER, Sinks, World, sinks, world
from tests.support.sink import Sink

__all__ = ["sinks", "world"]

ADDRESS, PASSWORD = "phong@gmail.test", "mat khau o xa"
ELSEWHERE = LETTER.replace(b"From: an@sct.test", b"From: phong@gmail.test")


class Provider:
    """gmail.test: a submission server with STARTTLS and AUTH, and the account of `an` there."""

    def __init__(self, world: World, sinks: Sinks, folder: Path) -> None:
        self.world, self._sinks, self._files = world, sinks, (folder / "cert.pem", folder / "key.pem")
        make_self_signed("smtp.gmail.test", "gmail.test", *self._files)
        self.vault = PasswordVault(new_key())
        self.signed_in: list[bytes] = []

    async def open(self, **answers: Any) -> Sink:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._files)
        return await self._sinks.open(context=context, authenticate=self._authenticate, **answers)

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.signed_in.append(data.login)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    def choose(self, port: int, password: str = PASSWORD) -> int:
        db, account = self.world.store.db, Remote("127.0.0.1", 143, Security.NONE, ADDRESS)
        secret = self.vault.lock(password)
        account_id = db.write(lambda tx: accounts.add_tx(tx, Wish("an@sct.test", account), secret), SYSTEM)
        server = Remote("127.0.0.1", port, Security.STARTTLS, ADDRESS)
        db.write(lambda tx: sending.choose_tx(tx, account_id, ADDRESS, server, None), SYSTEM)
        return account_id

    async def work_off(self, usual: int = 1) -> None:
        """Send what is due. usual: the port of all other mail."""
        hosts = self.world.hosts

        async def to_hosts(_destination: str) -> Way:
            return Way(hosts)

        trusting = ssl.create_default_context(cafile=str(self._files[0]))
        self.world.route = routed(to_hosts, self.world.store.db, lambda: self.vault, HOST, trusting)
        await self.world.work_off(usual)


@pytest.fixture
def provider(world: World, sinks: Sinks, tmp_path: Path) -> Provider:
    return Provider(world, sinks, tmp_path)


async def test_it_goes_by_its_own_server_and_all_other_mail_as_always(
    world: World, sinks: Sinks, provider: Provider
) -> None:
    keys.ensure(world.store.db, SYSTEM)
    world.sign = Signer(world.store.db, world.clock.now).signed
    usual, own = await sinks.open(), await provider.open()
    provider.choose(own.port)
    world.send("ba@far.test", "tu@near.test", data=ELSEWHERE, sender=ADDRESS)
    world.send("ba@far.test", data=LETTER)
    await provider.work_off(usual.port)
    (by_own,), (by_usual,) = own.got, usual.got
    assert (by_own.sender, by_own.recipients, by_own.tls) == (ADDRESS, ("ba@far.test", "tu@near.test"), True)
    assert by_own.octets.endswith(ELSEWHERE)
    assert provider.signed_in == [ADDRESS.encode()]
    assert by_usual.sender == "an@sct.test"
    assert (b"DKIM-Signature" in by_own.octets, b"DKIM-Signature" in by_usual.octets) == (False, True)


async def test_a_smarthost_does_not_get_it(world: World, provider: Provider) -> None:
    own = await provider.open()
    provider.choose(own.port)
    world.send("ba@far.test", data=ELSEWHERE, sender=ADDRESS)
    world.together = "smarthost:25"
    await provider.work_off()
    assert [one.sender for one in own.got] == [ADDRESS]


async def test_a_refusal_is_told_to_the_mailbox_here(world: World, provider: Provider) -> None:
    own = await provider.open(rcpt={"ba@far.test": "550 5.1.1 nobody of this name"})
    provider.choose(own.port)
    world.send("ba@far.test", data=ELSEWHERE, sender=ADDRESS)
    await provider.work_off()
    assert world.states() == {"ba@far.test": "failed"}
    (report,) = world.office.mail("an")
    assert b"nobody of this name" in report


async def test_without_signing_in_it_waits(world: World, provider: Provider) -> None:
    own = await provider.open()
    account_id = provider.choose(own.port, "sai")
    world.send("ba@far.test", data=ELSEWHERE, sender=ADDRESS)
    await provider.work_off()
    assert (own.got, world.states()) == ([], {"ba@far.test": "waiting"})
    secret = provider.vault.lock(PASSWORD)
    world.store.db.write(lambda tx: accounts.set_secret_tx(tx, account_id, secret), SYSTEM)
    world.clock.advance(minutes=5)
    await provider.work_off()
    assert world.states() == {"ba@far.test": "sent"}


async def test_a_password_that_cannot_be_read_is_told(world: World, provider: Provider) -> None:
    provider.choose(1)
    provider.vault = PasswordVault(new_key())
    world.send("ba@far.test", data=ELSEWHERE, sender=ADDRESS)
    await provider.work_off()
    assert (world.states(), world.statuses()) == ({"ba@far.test": "waiting"}, ["4.7.8"])


async def test_what_waits_is_returned_when_the_address_is_given_up(
    world: World, sinks: Sinks, provider: Provider
) -> None:
    usual = await sinks.open()
    account_id = provider.choose(1)
    world.send("ba@far.test", data=ELSEWHERE, sender=ADDRESS)
    world.store.db.write(lambda tx: sending.end_tx(tx, account_id), SYSTEM)
    await provider.work_off(usual.port)
    assert [one.state.value for one in world.all()[0].recipients] == ["failed"]
    assert [one for one in usual.got if one.sender] == []
