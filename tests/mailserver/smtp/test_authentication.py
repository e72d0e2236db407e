"""Signing in to the submission doors."""

from __future__ import annotations

import ssl
from base64 import b64encode

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import credentials
from mailserver.smtp.settings import Role
from mailserver.store.store import Store
from tests.mailserver.smtp.conftest import Doors
from tests.support.office import PASSWORD, Office
from tests.support.second import switch_on_second


@pytest.fixture
def office(shared_office: Office) -> Office:
    return shared_office


@pytest.fixture
def store(shared_office: Office) -> Store:
    return shared_office.store


def coded(text: str) -> str:
    return b64encode(text.encode()).decode()


PLAIN = coded(f"\x00an@sct.test\x00{PASSWORD}")
WRONG = coded("\x00an@sct.test\x00wrong")


async def test_plain_with_an_initial_response(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    assert "PLAIN LOGIN" in await peer.hello()
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("530 5.7.0 Authentication")
    assert await peer.say(f"AUTH PLAIN {PLAIN}") == "235 2.7.0 Authentication successful"
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("503")
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("250")


async def test_plain_without_initial_response_gets_an_empty_challenge(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    assert await peer.say("auth plain") == "334 "
    assert (await peer.say(PLAIN)).startswith("235")


@pytest.mark.parametrize("name", ["an@sct.test", "AN@SCT.TEST"])
async def test_login_asks_with_exactly_the_words_that_clients_know(doors: Doors, name: str) -> None:
    """mox #223, stalwart #400, OpenSMTPD #422."""
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    assert await peer.say("AUTH LOGIN") == "334 " + coded("Username:")
    assert await peer.say(coded(name)) == "334 " + coded("Password:")
    assert (await peer.say(coded(PASSWORD))).startswith("235")


async def test_login_with_an_initial_response(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    assert await peer.say(f"AUTH LOGIN {coded('an@sct.test')}") == "334 " + coded("Password:")
    assert (await peer.say(coded(PASSWORD))).startswith("235")


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    wrong = await peer.say(f"AUTH PLAIN {WRONG}")
    unknown = await peer.say(f"AUTH PLAIN {coded(chr(0) + 'nobody@sct.test' + chr(0) + 'wrong')}")
    assert wrong == unknown == "535 5.7.8 Tài khoản hoặc mật khẩu không đúng. / Wrong account or password."


async def test_guessing_in_one_session_ends_it(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION, max_auth_failures=3)
    await peer.hello()
    answers = [await peer.say(f"AUTH PLAIN {WRONG}") for _ in range(3)]
    assert answers[0].startswith("535")
    assert all(answer[:3] in ("535", "454") for answer in answers)
    assert (await peer.reply()).startswith("421 4.7.0")
    assert await peer.at_end()


async def test_guessing_over_many_sessions_is_slowed_down(doors: Doors) -> None:
    port = await doors.open(Role.SUBMISSION)
    answers = []
    for guess in range(4):
        peer = await doors.peer(port)
        await peer.hello()
        answers.append(await peer.say(f"AUTH PLAIN {coded(f'{chr(0)}an@sct.test{chr(0)}guess {guess}')}"))
    assert answers[0].startswith("535 5.7.8")
    assert answers[-1].startswith("454 4.7.0 Đăng nhập sai quá nhiều lần")


@pytest.mark.requirement("R-043")
async def test_a_first_password_opens_no_mail_door(doors: Doors, office: Office) -> None:
    doors.store.db.write(
        lambda tx: credentials.set_password_tx(tx, office.ids["binh"], "một mật khẩu đầu tiên", must_change=True),
        SYSTEM,
    )
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    answer = await peer.say(f"AUTH PLAIN {coded(chr(0) + 'binh@sct.test' + chr(0) + 'một mật khẩu đầu tiên')}")
    assert answer.startswith("535 5.7.8 Hãy đăng nhập trang web và đổi mật khẩu")


async def test_a_main_password_with_a_second_factor_opens_no_mail_door(doors: Doors, office: Office) -> None:
    login, password = chr(0) + "binh@sct.test" + chr(0), "Sông Lệ chảy về đông"
    doors.store.db.write(lambda tx: credentials.set_password_tx(tx, office.ids["binh"], password), SYSTEM)
    app = doors.store.db.write(
        lambda tx: credentials.create_app_password_tx(tx, office.ids["binh"], "điện thoại"), SYSTEM
    )
    switch_on_second(doors.store.db, office.ids["binh"])
    for secret, said in ((password, "535 5.7.8 Tài khoản này dùng xác thực hai bước"), (app, "235")):
        peer = await doors.connect(Role.SUBMISSION)
        await peer.hello()
        assert (await peer.say(f"AUTH PLAIN {coded(login + secret)}")).startswith(said)


@pytest.mark.parametrize(
    "exchange",
    [
        ["AUTH PLAIN ???"],
        [f"AUTH PLAIN {coded('no zero octets')}"],
        [f"AUTH PLAIN {coded(chr(0) + chr(0))}"],
        ["AUTH PLAIN ="],
        ["AUTH LOGIN", "???"],
        ["AUTH LOGIN", coded("an@sct.test"), "\x01"],
        ["AUTH LOGIN", "*"],
        ["AUTH PLAIN", "*"],
        ["AUTH LOGIN", ""],
    ],
)
async def test_garbage_ends_the_exchange_and_costs_nobody_else(doors: Doors, exchange: list[str]) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    await peer.hello()
    *before, last = exchange
    for line in before:
        assert (await peer.say(line)).startswith("334")
    assert (await peer.say(last)).startswith("501 5.")
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("235")


async def test_other_mechanisms_and_other_identities_are_refused(doors: Doors) -> None:
    peer = await doors.connect(Role.SUBMISSION)
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("503 5.5.1 Say hello")
    await peer.hello()
    assert (await peer.say("AUTH CRAM-MD5")).startswith("504 5.5.4")
    assert (await peer.say("AUTH")).startswith("504 5.5.4")
    as_somebody = coded(f"binh@sct.test\x00an@sct.test\x00{PASSWORD}")
    assert (await peer.say(f"AUTH PLAIN {as_somebody}")).startswith("535")


async def test_passwords_are_not_taken_in_the_clear_from_elsewhere(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailserver.smtp import settings

    monkeypatch.setattr(settings.SmtpSettings, "may_send_passwords_plain", lambda self, peer: False)
    peer = await doors.connect(Role.SUBMISSION, tls=tls)
    assert "AUTH" not in await peer.hello()
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("538 5.7.11")
    assert (await peer.say("MAIL FROM:<an@sct.test>")).startswith("530 5.7.0 Must issue a STARTTLS")
    await peer.say("STARTTLS")
    await peer.upgrade(trusting)
    assert "PLAIN LOGIN" in await peer.hello()
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("235")


async def test_submissions_speaks_tls_from_the_first_octet(
    doors: Doors, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    peer = await doors.peer(await doors.open(Role.SUBMISSIONS, tls=tls), trusting)
    hello = await peer.hello()
    assert "PLAIN LOGIN" in hello
    assert "STARTTLS" not in hello
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("235")


async def test_submissions_without_tls_is_a_mistake_of_the_configuration(doors: Doors) -> None:
    with pytest.raises(ValueError, match="TLS"):
        doors.server(Role.SUBMISSIONS)


async def test_auth_does_not_interrupt_a_transaction_over_lmtp_or_mx(doors: Doors) -> None:
    peer = await doors.connect(Role.LMTP)
    assert "AUTH" not in await peer.say("LHLO x")
    assert (await peer.say(f"AUTH PLAIN {PLAIN}")).startswith("502 5.5.1")
