"""Signing in by SCRAM: the same people, refusals and limits as with a password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from mailserver.directory import credentials, passwords, principals
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import AccountLocked, BadCredentials, ChannelNotBound, MustChangePassword, Throttled
from mailserver.directory.login import Authenticator
from mailserver.directory.schema import credential
from mailserver.directory.scram import ITERATIONS, Malformed, Verifier
from mailserver.directory.scramexchange import ScramExchange
from tests.mailserver.directory.conftest import DOMAIN, Office
from tests.support.scram import ScramClient, fields

RIGHT, WRONG = "mưa phùn tháng ba", "mưa rào tháng bảy"
LOGIN = f"minhnv@{DOMAIN}"


@pytest.fixture
def auth(office: Office) -> Iterator[Authenticator]:
    opened = Authenticator(office.db)
    yield opened
    opened.close()


@pytest.fixture
def minh(office: Office) -> int:
    person = office.person("minhnv", office.vp, name="Nguyễn Văn Minh")
    office.write(lambda tx: credentials.set_password_tx(tx, person, RIGHT))
    return person


def exchange(
    auth: Authenticator, *, plus: bool = False, bindings: Mapping[str, bytes] | None = None, remote: str = ""
) -> ScramExchange:
    return auth.scram(plus=plus, bindings=bindings or {}, door="imap", remote=remote)


async def sign_in(auth: Authenticator, login: str, password: str, remote: str = "") -> Authenticated:
    """Both halves of an exchange; the client checks the server's proof too."""
    client, server = ScramClient(login, password), exchange(auth, remote=remote)
    found, answer = await server.verify(client.final(await server.challenge(client.first())))
    assert client.knows(answer)
    return found


async def salt_of(auth: Authenticator, login: str) -> tuple[bytes, bytes]:
    """Salt and iterations that a client is told."""
    asked = fields(await exchange(auth).challenge(ScramClient(login, "").first()))
    return asked["s"], asked["i"]


@pytest.mark.parametrize("login", [LOGIN, LOGIN.upper(), "minhnv", f"bi-danh@{DOMAIN}"])
async def test_the_right_password_signs_in_under_any_of_ones_names(
    auth: Authenticator, minh: int, office: Office, login: str
) -> None:
    office.write(lambda tx: principals.add_alias_tx(tx, minh, f"bi-danh@{DOMAIN}"))
    found = await sign_in(auth, login, RIGHT)
    assert (found.principal.id, found.credential_kind) == (minh, "password")


@pytest.mark.parametrize(("login", "password"), [(LOGIN, WRONG), (f"nobody@{DOMAIN}", RIGHT), (f"vp@{DOMAIN}", RIGHT)])
async def test_everything_else_is_refused_alike(auth: Authenticator, minh: int, login: str, password: str) -> None:
    with pytest.raises(BadCredentials):
        await sign_in(auth, login, password)


async def test_one_proof_is_tried_against_the_password_and_each_app_password(
    auth: Authenticator, minh: int, office: Office
) -> None:
    plain = [office.write(lambda tx, n=n: credentials.create_app_password_tx(tx, minh, str(n))) for n in range(2)]
    made = office.read(lambda conn: credentials.app_passwords(conn, minh))
    for password, one in zip(plain, made, strict=True):
        assert (await sign_in(auth, LOGIN, password)).credential_id == one.id
    assert (await sign_in(auth, LOGIN, RIGHT)).credential_kind == "password"
    office.write(lambda tx: credentials.revoke_tx(tx, minh, made[0].id))
    with pytest.raises(BadCredentials):
        await sign_in(auth, LOGIN, plain[0])
    assert (await sign_in(auth, LOGIN, plain[1])).credential_id == made[1].id


async def test_what_is_revoked_between_challenge_and_proof_counts_for_nothing(
    auth: Authenticator, minh: int, office: Office
) -> None:
    """In every process: this authenticator has no part in the change."""
    client, server = ScramClient(LOGIN, RIGHT), exchange(auth)
    final = client.final(await server.challenge(client.first()))
    office.write(lambda tx: credentials.set_password_tx(tx, minh, WRONG))
    with pytest.raises(BadCredentials):
        await server.verify(final)
    assert (await sign_in(auth, LOGIN, WRONG)).principal.id == minh


async def test_a_challenge_is_good_for_one_proof(auth: Authenticator, minh: int) -> None:
    client, server = ScramClient(LOGIN, RIGHT), exchange(auth)
    with pytest.raises(Malformed):
        await server.verify(b"c=biws,r=x,p=AAAA")
    final = client.final(await server.challenge(client.first()))
    await server.verify(final)
    with pytest.raises(Malformed):
        await server.verify(final)
    other = exchange(auth)
    await other.challenge(client.first())
    with pytest.raises(Malformed):
        await other.verify(final)  # a proof that was overheard: the nonce is another


async def test_a_name_that_nobody_has_looks_like_one_that_somebody_has(
    auth: Authenticator, minh: int, office: Office
) -> None:
    office.person("khongmk")
    names = [LOGIN, f"khongmk@{DOMAIN}", f"nobody@{DOMAIN}", f"other@{DOMAIN}", f"vp@{DOMAIN}"]
    told = [await salt_of(auth, name) for name in names]
    assert {iterations for _salt, iterations in told} == {b"%d" % ITERATIONS}
    assert len({salt for salt, _iterations in told}) == len(names)
    assert await salt_of(auth, "nobody") == told[2]
    elsewhere = Authenticator(office.db)
    assert [await salt_of(elsewhere, name.upper()) for name in names] == told
    elsewhere.close()


async def test_a_salt_tells_of_no_new_account_and_no_changed_password(auth: Authenticator, office: Office) -> None:
    login = f"moi@{DOMAIN}"
    before = await salt_of(auth, login)
    person = office.person("moi")
    assert await salt_of(auth, login) == before
    for password in (RIGHT, WRONG):
        office.write(lambda tx, password=password: credentials.set_password_tx(tx, person, password))
        assert await salt_of(auth, login) == before
        assert (await sign_in(auth, login, password)).principal.id == person


async def test_guesses_are_counted_with_those_of_the_other_ways(auth: Authenticator, minh: int) -> None:
    for number in range(2):
        with pytest.raises(BadCredentials):
            await sign_in(auth, LOGIN, f"guess {number}", "198.51.100.9")
    with pytest.raises(BadCredentials):
        auth.verify(LOGIN, WRONG, "imap", "198.51.100.9")
    with pytest.raises(Throttled):
        await exchange(auth, remote="198.51.100.9").challenge(ScramClient(LOGIN, RIGHT).first())
    with pytest.raises(Throttled):
        auth.verify(LOGIN, RIGHT, "imap", "198.51.100.9")
    assert (await sign_in(auth, LOGIN, RIGHT, "203.0.113.7")).principal.id == minh


async def test_a_proof_that_waited_is_slowed_down_too(auth: Authenticator, minh: int) -> None:
    """Challenges fetched beforehand buy no guesses."""
    client = ScramClient(LOGIN, WRONG)
    waiting = [exchange(auth, remote="198.51.100.9") for _ in range(5)]
    finals = [client.final(await one.challenge(client.first())) for one in waiting]
    outcomes = []
    for one, final in zip(waiting, finals, strict=True):
        with pytest.raises((BadCredentials, Throttled)) as refusal:
            await one.verify(final)
        outcomes.append(refusal.type)
    assert outcomes == [BadCredentials] * 3 + [Throttled] * 2


async def test_first_passwords_and_locked_accounts_are_told_to_who_knows_the_password(
    auth: Authenticator, minh: int, office: Office
) -> None:
    office.write(lambda tx: principals.lock_person_tx(tx, minh))
    with pytest.raises(AccountLocked):
        await sign_in(auth, LOGIN, RIGHT)
    with pytest.raises(BadCredentials):
        await sign_in(auth, LOGIN, WRONG)
    office.write(lambda tx: principals.unlock_person_tx(tx, minh))
    office.write(lambda tx: credentials.set_password_tx(tx, minh, "mot-lan-2026", must_change=True))
    with pytest.raises(MustChangePassword):
        await sign_in(auth, LOGIN, "mot-lan-2026")


def verifiers_of(office: Office, person: int) -> list[str | None]:
    query = select(credential.c.scram).where(credential.c.principal_id == person).order_by(credential.c.id)
    return list(office.read(lambda conn: conn.execute(query).scalars().all()))


@pytest.mark.parametrize("door", ["web", "smtp"])
async def test_a_password_from_before_gets_its_verifier_at_the_next_sign_in(
    auth: Authenticator, minh: int, office: Office, door: str
) -> None:
    plain = office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "điện thoại"))
    office.write(lambda tx: tx.conn.execute(update(credential).values(scram=None)))
    with pytest.raises(BadCredentials):
        await sign_in(auth, LOGIN, RIGHT)
    typed = Authenticator(office.db)
    typed.verify(LOGIN, RIGHT, door)
    typed.verify(LOGIN, plain.replace("-", " ").upper(), "imap")
    typed.close()
    salts = {Verifier.parse(text).salt for text in verifiers_of(office, minh) if text}
    assert len(salts) == 1
    fresh = Authenticator(office.db)
    assert (await sign_in(fresh, LOGIN, RIGHT)).credential_kind == "password"
    assert (await sign_in(fresh, LOGIN, plain)).credential_kind == "app"
    fresh.close()


async def test_a_hash_made_beforehand_brings_its_verifier(auth: Authenticator, minh: int, office: Office) -> None:
    office.write(lambda tx: credentials.create_app_password_tx(tx, minh, "điện thoại"))
    chosen = credentials.prepare(office.db, minh, WRONG)
    office.write(lambda tx: credentials.set_password_tx(tx, minh, chosen))
    assert (await sign_in(auth, LOGIN, WRONG)).principal.id == minh
    other = passwords.Hashed(passwords.hashed(RIGHT), Verifier.of(RIGHT, b"another salt", 4096).text())
    office.write(lambda tx: credentials.set_password_tx(tx, minh, other))
    assert verifiers_of(office, minh)[-1] is None, "its salt is not that of the app password"


async def test_revoked_credentials_keep_no_verifier(minh: int, office: Office) -> None:
    office.write(lambda tx: credentials.set_password_tx(tx, minh, WRONG))
    old, new = verifiers_of(office, minh)
    assert old is None
    assert new is not None


BOUND = {"tls-unique": b"channel", "tls-server-end-point": b"certificate"}


@pytest.mark.parametrize("kind", BOUND)
async def test_a_sign_in_can_be_bound_to_its_channel(auth: Authenticator, minh: int, kind: str) -> None:
    client = ScramClient(LOGIN, RIGHT, header=f"p={kind},,", data=BOUND[kind])
    server = exchange(auth, plus=True, bindings=BOUND)
    _found, answer = await server.verify(client.final(await server.challenge(client.first())))
    assert client.knows(answer)
    in_between = ScramClient(LOGIN, RIGHT, header=f"p={kind},,", data=b"the channel of somebody in between")
    server = exchange(auth, plus=True, bindings=BOUND)
    final = in_between.final(await server.challenge(in_between.first()))
    with pytest.raises(ChannelNotBound):
        await server.verify(final)


@pytest.mark.parametrize(
    ("plus", "header", "bindings", "error"),
    [
        (True, "p=tls-exporter,,", BOUND, ChannelNotBound),
        (True, "p=tls-unique,,", {}, ChannelNotBound),
        (False, "y,,", BOUND, ChannelNotBound),  # somebody took -PLUS out of what we announced
        (True, "n,,", BOUND, Malformed),
        (True, "y,,", BOUND, Malformed),
        (False, "p=tls-unique,,", BOUND, Malformed),
    ],
)
async def test_flags_that_do_not_suit_are_refused_before_anything_is_said(
    auth: Authenticator, minh: int, plus: bool, header: str, bindings: dict[str, bytes], error: type[Exception]
) -> None:
    client = ScramClient(LOGIN, RIGHT, header=header)
    with pytest.raises(error):
        await exchange(auth, plus=plus, bindings=bindings).challenge(client.first())


async def test_without_channel_binding_here_a_client_that_could_signs_in(auth: Authenticator, minh: int) -> None:
    client, server = ScramClient(LOGIN, RIGHT, header="y,,"), exchange(auth)
    found, _answer = await server.verify(client.final(await server.challenge(client.first())))
    assert found.principal.id == minh


async def test_no_secret_reaches_the_log(auth: Authenticator, minh: int) -> None:
    with capture_logs() as logged, pytest.raises(BadCredentials):
        await sign_in(auth, LOGIN, WRONG, "198.51.100.9")
    assert [(line["event"], line["login"]) for line in logged] == [("login_failed", LOGIN)]
