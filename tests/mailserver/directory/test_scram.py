"""The messages and sums of SCRAM, without any account."""

from __future__ import annotations

import base64

import pytest

from mailserver.directory import scram
from mailserver.directory.scram import Final, First, Malformed, Verifier

# The exchange of RFC 7677 §3: user "user", password "pencil".
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
NONCE = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
FINAL = b"c=biws,r=" + NONCE + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="


def test_the_exchange_of_the_standard() -> None:
    verifier = Verifier.of("pencil", SALT, 4096)
    challenge = scram.server_first(NONCE, verifier.salt, verifier.iterations)
    assert challenge == b"r=" + NONCE + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    first, final = First.parse(FIRST), Final.parse(FINAL)
    assert (first.flag, first.name, final.nonce, final.bound) == ("n", "user", NONCE, b"n,,")
    message = scram.auth_message(first, challenge, final)
    assert verifier.proves(message, final.proof)
    assert base64.b64encode(verifier.signature(message)) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert not verifier.proves(message, final.proof[:-1])
    assert not verifier.proves(message + b" ", final.proof)
    assert not Verifier.of("pencils", SALT, 4096).proves(message, final.proof)


def test_a_verifier_is_kept_in_the_form_of_rfc_5803_and_does_not_show_itself() -> None:
    verifier = Verifier.of("pencil", SALT, 4096)
    assert verifier.text().startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
    assert Verifier.parse(verifier.text()) == verifier
    assert repr(verifier) == f"Verifier(salt={SALT!r}, iterations=4096)"


@pytest.mark.parametrize(
    ("message", "flag", "binding", "name"),
    [
        (b"n,,n=an@sct.test,r=x", "n", "", "an@sct.test"),
        (b"y,,n=an,r=x", "y", "", "an"),
        (b"p=tls-unique,,n=an,r=x", "p", "tls-unique", "an"),
        (b"n,a=an,n=an,r=x", "n", "", "an"),
        (b"n,a=,n=an,r=x", "n", "", "an"),
        (b"n,,n=a=2Cb=3Dc,r=x", "n", "", "a,b=c"),
        (b"n,,n=" + "nguyễn".encode() + b",r=x,e=more", "n", "", "nguyễn"),
    ],
)
def test_first_messages_that_are_read(message: bytes, flag: str, binding: str, name: str) -> None:
    first = First.parse(message)
    assert (first.flag, first.binding, first.name, first.nonce) == (flag, binding, name, b"x")
    assert first.header + first.bare == message


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n",
        b"n=an,r=x",
        b"x,,n=an,r=x",
        b"p=,,n=an,r=x",
        b"n,,n=,r=x",
        b"n,,n=an,r=",
        b"n,,n=an",
        b"n,,r=x,n=an",
        b"n,,m=ext,n=an,r=x",  # an extension that must be understood, RFC 5802 §5.1
        b"n,a=binh,n=an,r=x",  # acting as somebody else
        b"n,,n=a=2cb,r=x",
        b"n,,n=a=b,r=x",
        b"n,,n=a\x00b,r=x",
        b"n,,n=\xff,r=x",
        b"n,,n=an,r=x y",
        b"n,,n=an,r=" + b"x" * 5000,
    ],
)
def test_first_messages_that_are_refused(message: bytes) -> None:
    with pytest.raises(Malformed):
        First.parse(message)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"c=biws,r=x",
        b"c=biws,p=AAAA",
        b"c=biw,r=x,p=AAAA",
        b"c=biws,r=x,p=A",
        b"c=biws,r=x,p=AAAA,x=y",
        b"r=x,c=biws,p=AAAA",
        b"c=biws,r=x,p=" + b"A" * 5000,
    ],
)
def test_final_messages_that_are_refused(message: bytes) -> None:
    with pytest.raises(Malformed):
        Final.parse(message)


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("mu\u031ba phu\u0300n", "mưa phùn"),  # composed and decomposed are one
        ("I\u00adX", "IX"),  # RFC 4013 §3
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0031", "\u0627\u0031"),  # refused by SASLprep, kept as it is
        ("a\x07", "a\x07"),
        ("", ""),
    ],
)
def test_passwords_are_prepared_as_clients_do(typed: str, prepared: str) -> None:
    assert scram.normalised(typed) == prepared


def test_a_name_has_one_salt_that_its_secret_decides() -> None:
    assert scram.salt_for(b"k" * 32, "an@sct.test") == scram.salt_for(b"k" * 32, "an@sct.test")
    salts = {
        scram.salt_for(b"k" * 32, "an@sct.test"),
        scram.salt_for(b"k" * 32, "b"),
        scram.salt_for(b"l" * 32, "an@sct.test"),
    }
    assert {len(salt) for salt in salts} == {scram.SALT_OCTETS}
    assert len(salts) == 3
