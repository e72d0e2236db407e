"""Passkeys through the pages, with an authenticator in software: made, used, and everything that must not be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from mailserver.actor import SYSTEM
from mailserver.delivery import passkey_notices
from mailserver.directory import passkeys, people
from mailserver.directory.passkeys import Passkey
from mailserver.directory.throttle import Throttle
from mailserver.store.database import Tx
from mailserver.store.schema import audit
from tests.routing.world import World
from tests.support.authenticator import PRESENT, Authenticator, b64
from tests.webmail.auth.test_second import switched_on
from tests.webmail.visitor import Visitor, hidden, text_of
from tests.webmail.world import PASSWORD, web_settings
from webmail.account import passkeys as page
from webmail.app import create_app
from webmail.services import WebServices

PAGE, SIGN_IN, SECOND = "/tai-khoan/khoa/", "/dang-nhap/khoa", "/dang-nhap/hai-buoc/khoa"


def confirmed(visitor: Visitor) -> Visitor:
    assert visitor.post(f"{PAGE}xac-nhan", password=PASSWORD).status_code == 303
    return visitor


def added(visitor: Visitor, label: str = "Khóa USB", **settings: Any) -> Authenticator:
    """A passkey of who is signed in."""
    device = Authenticator(**settings)
    options = confirmed(visitor).post(f"{PAGE}hoi").get_json()
    answer = visitor.post(PAGE, label=label, answer=device.made(options))
    assert answer.status_code == 303, text_of(answer)
    return device


def forgive(services: WebServices) -> None:
    """Guessers of one test do not wait for one another; the clock stands still, however slow the machine."""
    services.auth._throttle = Throttle(clock=lambda: 0.0)


def asked(visitor: Visitor) -> dict[str, Any]:
    return dict(visitor.post(f"{SIGN_IN}/hoi").get_json())


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/viec").status_code == 200


def kept(world: World, name: str = "vankhain") -> list[Passkey]:
    return world.store.db.read(lambda conn: passkeys.of(conn, world.id(name)))


def acts(world: World, name: str = "vankhain") -> list[str]:
    def read(conn: Connection) -> list[str]:
        own = (audit.c.owner_id == world.id(name), audit.c.action.startswith("passkey."))
        return list(conn.execute(select(audit.c.action).where(*own).order_by(audit.c.id)).scalars())

    return world.store.db.read(read)


def letters(world: World, name: str = "vankhain") -> list[tuple[str, str]]:
    """Subject and text of what the worker writes now."""
    passkey_notices.job()(world.store)
    uids = world.uids(name, "INBOX")
    found = [message_from_bytes(world.octets(name, "INBOX", uid)) for uid in uids]
    return [(str(make_header(decode_header(one["Subject"]))), one.get_payload(decode=True).decode()) for one in found]


def test_a_passkey_opens_the_account_alone_and_its_owner_hears_of_it(
    app: Flask, specialist: Visitor, world: World
) -> None:
    device = added(specialist, "Điện thoại <b>")
    visitor = Visitor(app)
    options = asked(visitor)
    assert options["allowCredentials"] == [] and options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    answer = visitor.post(SIGN_IN, answer=device.used(options), next="/tim")
    assert answer.status_code == 303 and answer.location == "/tim" and is_in(visitor)
    assert kept(world)[0].last_used_at is not None
    shown = specialist.get(PAGE)
    assert "Điện thoại &lt;b&gt;" in shown.text and "dùng lần cuối" in text_of(shown)
    assert specialist.post(f"{PAGE}{kept(world)[0].id}/ten", label="Máy bàn").status_code == 303
    assert specialist.post(f"{PAGE}{kept(world)[0].id}/go").status_code == 303
    assert kept(world) == []
    refused = visitor.post(SIGN_IN, answer=device.used(asked(Visitor(app))))
    assert refused.status_code == 422
    assert acts(world) == ["passkey.added", "passkey.used", "passkey.renamed", "passkey.removed"]
    told = letters(world)
    assert [one[0] for one in told] == ["Đã thêm khóa truy cập: Điện thoại <b>", "Đã gỡ khóa truy cập: Máy bàn"]
    assert "Khóa khẩn cấp" in told[0][1]


def test_what_an_authenticator_must_not_say_opens_nothing(
    app: Flask, specialist: Visitor, world: World, services: WebServices
) -> None:
    device = added(specialist)
    stranger = Authenticator()
    wrong: dict[str, Callable[[dict[str, Any]], str]] = {
        "another page": lambda asks: device.used(asks, origin="https://localhost.example"),
        "another port": lambda asks: device.used(asks, origin="http://localhost:81"),
        "another server": lambda asks: device.used(asks, rp_id="sxd.example"),
        "another challenge": lambda asks: device.used(asks, challenge=b64(bytes(32))),
        "made, not used": lambda asks: device.used(asks, type="webauthn.create"),
        "nobody there": lambda asks: device.used(asks, flags=0),
        "no PIN": lambda asks: device.used(asks, flags=PRESENT),
        "another person": lambda asks: device.used(asks, handle=bytes(32)),
        "no person": lambda asks: device.used(asks, handle=None),
        "another key": lambda asks: replace(device, key=stranger.key).used(asks),
        "unknown": stranger.used,
        "no JSON": lambda _asks: "{",
        "deep": lambda _asks: "[" * 9_000,
        "long": lambda asks: device.used(asks) + " " * 20_000,
        "a list": lambda _asks: "[]",
        "no parts": lambda _asks: '{"id": 1, "response": []}',
        "NUL": lambda asks: device.used(asks).replace("public-key", "public-key\\u0000"),
    }
    for what, lie in wrong.items():
        visitor = Visitor(app)
        forgive(services)
        answer = visitor.post(SIGN_IN, answer=lie(asked(visitor)))
        assert answer.status_code == 422 and not is_in(visitor), what
        assert "không được chấp nhận" in text_of(answer), what
    assert acts(world) == ["passkey.added"]
    visitor = Visitor(app)
    assert visitor.post(SIGN_IN, answer=device.used(asked(visitor))).status_code == 303 and is_in(visitor)


def test_an_answer_counts_once_in_its_browser_and_for_some_minutes(
    app: Flask, specialist: Visitor, world: World, services: WebServices, tmp_path: Path
) -> None:
    device = added(specialist)
    visitor = Visitor(app)
    options = asked(visitor)
    before = visitor.client.get_cookie("vanthu-form-loopback")
    assert before is not None
    answer = device.used(options)
    assert Visitor(app).post(SIGN_IN, answer=answer).status_code == 422  # another browser
    assert visitor.post(SIGN_IN, answer=answer).status_code == 303
    replaying = Visitor(app)
    replaying.client.set_cookie("vanthu-form-loopback", before.value)
    device.count += 5
    again = replaying.post(SIGN_IN, answer=answer)
    assert again.status_code == 422 and not is_in(replaying)
    slow = Visitor(app)
    options = asked(slow)
    late = create_app(
        replace(services, clock=lambda: services.clock() + passkeys.CHALLENGE_LASTS * 1.1), web_settings(tmp_path)
    )
    kept_cookie = slow.client.get_cookie("vanthu-form-loopback")
    assert kept_cookie is not None
    elsewhere = Visitor(late)
    elsewhere.client.set_cookie("vanthu-form-loopback", kept_cookie.value)
    forgive(services)
    assert elsewhere.post(SIGN_IN, answer=device.used(options)).status_code == 422
    swept = world.store.db.write(lambda tx: passkeys.sweep_tx(later(tx)), SYSTEM)
    assert swept >= 2


def later(tx: Tx) -> Tx:
    return replace(tx, now=tx.now + passkeys.CHALLENGE_LASTS * 3)


def test_a_counter_that_goes_back_blocks_the_passkey_and_is_told(
    app: Flask, specialist: Visitor, world: World, services: WebServices
) -> None:
    device = added(specialist, count=7)
    copy = replace(device)
    visitor = Visitor(app)
    assert visitor.post(SIGN_IN, answer=device.used(asked(visitor))).status_code == 303
    thief = Visitor(app)
    options = asked(thief)
    # Who has no key cannot have it blocked by a low number.
    forged = replace(copy, key=Authenticator().key, count=0).used(options)
    assert thief.post(SIGN_IN, answer=forged).status_code == 422 and kept(world)[0].blocked_at is None
    assert thief.post(SIGN_IN, answer=copy.used(asked(thief))).status_code == 422 and not is_in(thief)
    assert kept(world)[0].blocked_at is not None
    assert "bị chặn" in text_of(specialist.get(PAGE))
    visitor = Visitor(app)
    forgive(services)
    assert visitor.post(SIGN_IN, answer=device.used(asked(visitor))).status_code == 422
    assert acts(world) == ["passkey.added", "passkey.used", "passkey.copied"]
    assert letters(world)[-1][0].startswith("Khóa truy cập bị chặn")


def test_after_the_password_a_passkey_of_the_same_person_replaces_the_code(
    app: Flask, specialist: Visitor, head: Visitor, services: WebServices
) -> None:
    device, others = added(specialist, flags=PRESENT | 4), added(head)
    switched_on(specialist)
    visitor = Visitor(app)
    half = visitor.post("/dang-nhap", login="vankhain", password=PASSWORD)
    ticket = hidden(half, "ticket")
    assert "Dùng khóa truy cập" in half.text
    options = visitor.post(f"{SECOND}/hoi", ticket=ticket).get_json()
    assert [one["id"] for one in options["allowCredentials"]] == [b64(device.name)]
    refused = visitor.post(SECOND, ticket=ticket, answer=others.used(options))
    assert refused.status_code == 422 and not is_in(visitor) and "không được chấp nhận" in text_of(refused)
    assert visitor.post(SECOND, ticket="x", answer="{}").location == "/dang-nhap"
    assert visitor.post(f"{SECOND}/hoi", ticket="x").status_code == 404
    # A challenge of the second step is none of a sign-in by the passkey alone.
    options = visitor.post(f"{SECOND}/hoi", ticket=ticket).get_json()
    assert visitor.post(SIGN_IN, answer=device.used(options)).status_code == 422
    forgive(services)
    options = visitor.post(f"{SECOND}/hoi", ticket=ticket).get_json()
    # The device is enough here: the password has said who it is.
    answer = visitor.post(SECOND, ticket=ticket, answer=device.used(options, flags=PRESENT, handle=None))
    assert answer.status_code == 303 and is_in(visitor)
    assert is_in(specialist)
    # And the passkey alone is both steps.
    alone = Visitor(app)
    assert alone.post(SIGN_IN, answer=device.used(asked(alone))).status_code == 303 and is_in(alone)


def test_only_who_shows_again_who_they_are_adds_and_removes(
    app: Flask, specialist: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert specialist.post(f"{PAGE}hoi").status_code == 403
    assert specialist.post(f"{PAGE}xac-nhan", password="sai mật khẩu").status_code == 422
    assert specialist.post(f"{PAGE}hoi").status_code == 403
    device = added(specialist)
    other = Visitor(app).signed_in("vankhain")
    number = kept(world)[0].id
    assert other.post(f"{PAGE}{number}/go").location == PAGE and len(kept(world)) == 1
    options = other.post(f"{PAGE}xac-nhan/hoi").get_json()
    assert other.post(f"{PAGE}xac-nhan/khoa", answer=device.used(options)).status_code == 303
    assert other.post(f"{PAGE}hoi").status_code == 200
    assert other.post(PAGE, label="", answer="{}").status_code == 422
    assert other.post(PAGE, label="Hai", answer=device.used(options)).location == PAGE  # asked for nothing
    options = other.post(f"{PAGE}hoi").get_json()
    assert [one["id"] for one in options["excludeCredentials"]] == [b64(device.name)]
    assert options["attestation"] == "none" and options["authenticatorSelection"]["residentKey"] == "required"
    assert "vankhain" not in str(options["user"]["id"])
    assert other.post(PAGE, label="Hai", answer=device.made(options)).status_code == 422  # is kept already
    options = other.post(f"{PAGE}hoi").get_json()
    elsewhere = Authenticator(origin="https://evil.example").made(options)
    assert other.post(PAGE, label="Hai", answer=elsewhere).status_code == 422
    options = other.post(f"{PAGE}hoi").get_json()
    assert other.post(PAGE, label="Hai", answer=Authenticator(flags=PRESENT).made(options)).status_code == 422
    monkeypatch.setattr(passkeys, "MOST", 1)
    options = other.post(f"{PAGE}hoi").get_json()
    full = other.post(PAGE, label="Hai", answer=Authenticator().made(options))
    assert full.status_code == 422 and len(kept(world)) == 1
    colleague = confirmed(Visitor(app).signed_in("khoivd"))
    assert colleague.post(f"{PAGE}{number}/go").status_code == 404
    assert colleague.post(f"{PAGE}{number}/ten", label="Của tôi").status_code == 404
    monkeypatch.setattr(page, "CONFIRMED_S", -1)
    assert other.post(f"{PAGE}{number}/go").location == PAGE and len(kept(world)) == 1


def test_a_locked_account_and_one_locked_in_an_emergency_open_to_no_passkey(
    app: Flask, specialist: Visitor, keeper: Visitor, world: World
) -> None:
    device = added(specialist)
    who = world.id("vankhain")
    world.store.db.write(lambda tx: people.lock_person_tx(tx, who, "thử"), SYSTEM)
    visitor = Visitor(app)
    locked = visitor.post(SIGN_IN, answer=device.used(asked(visitor)))
    assert locked.status_code == 422 and "đã bị khóa" in text_of(locked) and not is_in(visitor)
    world.store.db.write(lambda tx: people.unlock_person_tx(tx, who, "thử"), SYSTEM)
    seen = keeper.get(f"/nhan-su/{who}")
    assert "Gỡ mọi khóa" in text_of(seen) and "Khóa USB" not in seen.text
    gone = f"/nhan-su/{who}/go-khoa-truy-cap"
    assert keeper.post(gone).status_code == 422
    assert Visitor(app).signed_in("khoivd").post(gone, reason="Mất").status_code == 404
    assert keeper.post(gone, reason="Mất điện thoại").status_code == 303 and kept(world) == []
    assert any("Mất điện thoại" in text for _subject, text in letters(world))
    device = added(Visitor(app).signed_in("vankhain"))
    again = Visitor(app).signed_in("vankhain")
    assert again.post("/tai-khoan/khoa-khan-cap").status_code == 303 and kept(world) == []
    assert visitor.post(SIGN_IN, answer=device.used(asked(visitor))).status_code == 422


def test_guessers_are_slowed_down_as_with_passwords(app: Flask, specialist: Visitor, services: WebServices) -> None:
    forgive(services)
    device, visitor = added(specialist), Visitor(app)
    answers = [visitor.post(SIGN_IN, answer=Authenticator().used(asked(visitor))).status_code for _ in range(4)]
    assert answers == [422, 422, 422, 429]
    assert visitor.post(SIGN_IN, answer=device.used(asked(visitor))).status_code == 429 and not is_in(visitor)


def test_passkeys_need_a_name_with_tls_and_work_under_the_other_names_of_the_office(
    services: WebServices, tmp_path: Path
) -> None:
    def of(address: str, *others: str) -> Flask:
        made = replace(web_settings(tmp_path), address=address, other_addresses=others)
        return create_app(services, made)

    for address in ("http://127.0.0.1:8080", "https://[::1]:8443", "http://mail.sxd.example"):
        plain = Visitor(of(address))
        assert "khóa truy cập" not in plain.get("/dang-nhap").text
        assert plain.post(f"{SIGN_IN}/hoi").status_code == 404
        assert plain.post(SIGN_IN, answer="{}").status_code in (422, 429)
        assert plain.get("/.well-known/webauthn").status_code == 404
        forgive(services)
    two = of("https://mail.sxd.example:443", "https://thu.noibo:8443")
    assert Visitor(two).get("/.well-known/webauthn").get_json() == {
        "origins": ["https://mail.sxd.example", "https://thu.noibo:8443"]
    }
    visitor = Visitor(two).signed_in("vankhain")
    device = added(visitor, origin="https://mail.sxd.example")
    device.origin = "https://thu.noibo:8443"
    other = Visitor(two)
    forgive(services)
    assert other.post(SIGN_IN, answer=device.used(asked(other))).status_code == 303 and is_in(other)
