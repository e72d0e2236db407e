"""AUTH SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677, RFC 5802) on the submission doors."""

from __future__ import annotations

import hashlib
import ssl
from base64 import b64decode, b64encode

import pytest

from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from mailserver.tlsexport import keying_material
from tests.mailserver.smtp.conftest import Doors
from tests.mailserver.smtp.dialogue import Peer
from tests.support.office import PASSWORD, Office
from tests.support.scram import ScramClient

AN = "an@sct.test"
PLUS = "SCRAM-SHA-256-PLUS"


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


async def sign_in(peer: Peer, client: ScramClient, mechanism: str = "SCRAM-SHA-256") -> str:
    """The last answer of an exchange; the client checks the server's proof on the way."""
    answer = await peer.say(f"AUTH {mechanism} {b64encode(client.first()).decode()}")
    if not answer.startswith("334 "):
        return answer
    answer = await peer.say(b64encode(client.final(b64decode(answer[4:]))).decode())
    if not answer.startswith("334 "):
        return answer
    assert client.knows(b64decode(answer[4:]))
    return await peer.say("")


async def test_it_is_offered_first_and_signs_in(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    assert "AUTH SCRAM-SHA-256 PLAIN LOGIN" in await peer.hello()
    assert await sign_in(peer, ScramClient(AN, PASSWORD)) == "235 2.7.0 Authentication successful"
    assert (await peer.say(f"MAIL FROM:<{AN}>")).startswith("250")


async def test_without_initial_response_the_server_asks_with_nothing(doors: Doors) -> None:
    peer, client = await doors.connect(Role.SUBMISSION), ScramClient(AN, PASSWORD)
    await peer.hello()
    assert await peer.say("auth scram-sha-256") == "334 "
    answer = await peer.say(b64encode(client.first()).decode())
    answer = await peer.say(b64encode(client.final(b64decode(answer[4:]))).decode())
    assert client.knows(b64decode(answer[4:]))
    assert (await peer.say("=")).startswith("235")


async def test_wrong_and_unknown_are_told_the_same_at_the_same_step(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    wrong = await sign_in(peer, ScramClient(AN, "wrong"))
    unknown = await sign_in(peer, ScramClient("nobody@sct.test", PASSWORD))
    assert wrong == unknown == "535 5.7.8 Tài khoản hoặc mật khẩu không đúng. / Wrong account or password."


async def test_guessing_in_one_session_ends_it(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION, max_auth_failures=2)
    await peer.hello()
    assert (await sign_in(peer, ScramClient(AN, "wrong"))).startswith("535")
    assert (await sign_in(peer, ScramClient(AN, "worse"))).startswith("535")
    assert (await peer.reply()).startswith("421 4.7.0")
    assert await peer.at_end()


@pytest.mark.parametrize("first", ["=", "???", b64encode(b"n,,n=an,m=x").decode(), b64encode(b"\xff").decode()])
async def test_nonsense_ends_the_exchange_only(doors: Doors, first: str) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    assert (await peer.say(f"AUTH SCRAM-SHA-256 {first}")).startswith("501 5.5.2")
    assert (await sign_in(peer, ScramClient(AN, PASSWORD))).startswith("235")


@pytest.mark.parametrize("last", ["*", "", b64encode(b"c=biws,r=other,p=AAAA").decode()])
async def test_a_broken_second_message_ends_it_too(doors: Doors, last: str) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    assert (await peer.say(f"AUTH SCRAM-SHA-256 {b64encode(ScramClient(AN, PASSWORD).first()).decode()}"))[:3] == "334"
    assert (await peer.say(last)).startswith("501 5.")
    assert (await peer.say(f"MAIL FROM:<{AN}>")).startswith("530")


async def test_a_client_that_does_not_believe_the_server_is_not_signed_in(doors: Doors) -> None:
    peer, client = await doors.connect(Role.SUBMISSION), ScramClient(AN, PASSWORD)
    await peer.hello()
    answer = await peer.say(f"AUTH SCRAM-SHA-256 {b64encode(client.first()).decode()}")
    await peer.say(b64encode(client.final(b64decode(answer[4:]))).decode())
    assert (await peer.say("*")).startswith("501 5.7.0")
    assert (await peer.say(f"MAIL FROM:<{AN}>")).startswith("530")


async def secured(doors: Doors, server: ssl.SSLContext, client: ssl.SSLContext) -> tuple[Peer, ssl.SSLObject]:
    """A client under STARTTLS, and its end of the channel."""
    peer = await doors.connect(Role.SUBMISSION, tls=server)
    await peer.hello()
    await peer.say("STARTTLS")
    await peer.upgrade(client)
    return peer, peer.writer.get_extra_info("ssl_object")


def bound_to(kind: str, channel: ssl.SSLObject) -> bytes:
    """What the client's end of a channel has to bind to."""
    if kind == "tls-server-end-point":
        return hashlib.sha256(channel.getpeercert(binary_form=True) or b"").digest()
    return keying_material(channel) if kind == "tls-exporter" else channel.get_channel_binding("tls-unique") or b""


@pytest.mark.parametrize(
    ("version", "default"), [(ssl.TLSVersion.TLSv1_2, "tls-unique"), (ssl.TLSVersion.TLSv1_3, "tls-exporter")]
)
async def test_it_can_be_bound_to_the_channel(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext, version: ssl.TLSVersion, default: str
) -> None:
    """RFC 5929 §3 and §4, RFC 9266; both ends compute what they bind to by themselves."""
    trusting.maximum_version = version
    for kind in (default, "tls-server-end-point"):
        peer, channel = await secured(doors, tls, trusting)
        data = bound_to(kind, channel)
        assert len(data) >= 12
        await peer.hello()
        somebody = ScramClient(AN, PASSWORD, header=f"p={kind},,", data=b"x" * len(data))
        refusal = await sign_in(peer, somebody, PLUS)
        assert refusal.startswith("535 5.7.8 Chương trình thư và máy chủ không cùng một kết nối TLS")
        assert (await sign_in(peer, ScramClient(AN, PASSWORD, header=f"p={kind},,", data=data), PLUS))[:3] == "235"


async def test_binding_is_not_told_of_to_clients_that_would_fail_with_it(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """mutt and neomutt over GNU SASL choose -PLUS where they see it, and cannot do it (mox #374, #51).

    So a client that could bind says "y": it was not told.
    """
    peer, _channel = await secured(doors, tls, trusting)
    assert "AUTH SCRAM-SHA-256 PLAIN LOGIN" in await peer.hello()
    assert (await sign_in(peer, ScramClient(AN, PASSWORD, header="y,,"))).startswith("235")


async def test_where_the_default_of_tls_1_3_cannot_be_had_there_is_nothing_to_bind_to(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailserver.tls.keying_material", lambda channel: b"")
    peer, channel = await secured(doors, tls, trusting)
    assert channel.version() == "TLSv1.3"
    assert "AUTH SCRAM-SHA-256 PLAIN LOGIN" in await peer.hello()
    bound = ScramClient(AN, PASSWORD, header="p=tls-unique,,", data=b"x")
    assert (await sign_in(peer, bound, PLUS)).startswith("504 5.5.4")
    assert (await sign_in(peer, ScramClient(AN, PASSWORD, header="y,,"))).startswith("235")


async def test_no_exchange_without_tls_from_elsewhere(
    doors: Doors, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailserver.smtp import settings

    monkeypatch.setattr(settings.SmtpSettings, "may_send_passwords_plain", lambda self, peer: False)
    peer = await doors.connect(Role.SUBMISSION, tls=tls)
    assert "SCRAM" not in await peer.hello()
    assert (await sign_in(peer, ScramClient(AN, PASSWORD))).startswith("538 5.7.11")
