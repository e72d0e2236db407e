"""Asking a person's authenticator for a signature, and taking the answer.

The challenge lies in the browser's signed cookie, with what it is for and in which session: an answer from another
browser, for another purpose or after some minutes is none. It is good for one answer, right or wrong, which the
database remembers: an old cookie brings nothing back.
"""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from enum import StrEnum, unique
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import session

from mailserver.actor import Actor
from mailserver.directory import passkey_answers, passkeys, principals
from mailserver.directory import passkey_proofs as proofs
from mailserver.directory.errors import BadPasskey
from mailserver.directory.passkey_proofs import NewKey, NotProved, Party
from mailserver.directory.records import Principal
from mailserver.store.database import Tx
from webmail.auth.current import DOOR, remote
from webmail.services import services, settings

_KEY = "passkey"


@unique
class Purpose(StrEnum):
    """SIGN_IN: by the passkey alone. SECOND: after the password. CONFIRM: before something that matters, by who is
    signed in. CREATE: a new one."""

    SIGN_IN = "in"
    SECOND = "second"
    CONFIRM = "confirm"
    CREATE = "create"


def party() -> Party | None:
    """Us; None where browsers have no passkeys: for an address of numbers, or without TLS outside this machine.

    Passkeys are bound to the name of the Internet for good. Pages under other names may use them where the browser
    asks /.well-known/webauthn (WebAuthn-3 §5.11).
    """
    first = urlsplit(settings().address)
    host = first.hostname or ""
    with suppress(ValueError):
        ip_address(host)
        return None
    if first.scheme != "https" and host != "localhost":
        return None
    return Party(host, settings().product, tuple(map(origin, (settings().address, *settings().other_addresses))))


def origin(url: str) -> str:
    """As browsers write it (RFC 6454 §6.2)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_usual = parts.port in (None, {"https": 443, "http": 80}.get(parts.scheme))
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{'' if is_usual else f':{parts.port}'}"


def begin(purpose: Purpose, whose: str) -> bytes:
    """A new challenge; the one before is forgotten. whose: the session or person that must answer, "" for anybody."""
    challenge = secrets.token_bytes(proofs.CHALLENGE_OCTETS)
    now = int(services().clock().timestamp())
    session[_KEY] = [purpose.value, whose, base64.b64encode(challenge).decode(), now]
    return challenge


def proved(purpose: Purpose, whose: str, answer: str, of_person: int | None) -> Principal:
    """Who has answered with one of their passkeys. of_person: who it must be; None: anybody, whom the device knows.

    Raises BadPasskey, AccountLocked, Throttled.
    """

    verified = purpose is not Purpose.SECOND  # after the password it is enough to have the device

    def prove() -> Principal:
        challenge, us = _taken(purpose, whose), party()
        try:
            if us is None:
                raise NotProved("no passkeys under this address")
            found = services().store.db.read(
                lambda conn: passkey_answers.proved(conn, us, challenge, answer, of_person=of_person, verified=verified)
            )
        except NotProved:
            found = None
        by = Actor(None if found is None else found[0].principal_id, None, DOOR, remote())

        def work(tx: Tx) -> bool:
            is_fresh = passkeys.spend_tx(tx, challenge)
            return is_fresh and found is not None and passkeys.use_tx(tx, *found)

        if not services().store.db.write(work, by) or found is None:
            raise BadPasskey
        used = found[0]
        return services().store.db.read(lambda conn: principals.get(conn, used.principal_id))

    return services().auth.by_passkey(prove, DOOR, remote())


def made(whose: str, answer: str) -> NewKey:
    """The new passkey that an answer brings. Raises BadPasskey."""
    challenge, us = _taken(Purpose.CREATE, whose), party()
    by = Actor(None, None, DOOR, remote())
    if us is None or not services().store.db.write(lambda tx: passkeys.spend_tx(tx, challenge), by):
        raise BadPasskey
    try:
        return proofs.made(us, challenge, answer)
    except NotProved:
        raise BadPasskey from None


def _taken(purpose: Purpose, whose: str) -> bytes:
    """The challenge that waits in this browser. Raises BadPasskey."""
    kept = session.pop(_KEY, None)
    if kept is None or kept[:2] != [purpose.value, whose]:
        raise BadPasskey
    age = services().clock().timestamp() - kept[3]
    if not 0 <= age <= passkeys.CHALLENGE_LASTS.total_seconds():
        raise BadPasskey
    return base64.b64decode(kept[2])
