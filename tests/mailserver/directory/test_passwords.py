from __future__ import annotations

import re

import pytest
from argon2 import extract_parameters

from mailserver.directory import passwords
from mailserver.directory.errors import WeakPassword

NAMES = ("Nguyễn Văn Minh", "minhnv@sxd.hungbinh.example", "nguyenvanminh.office@sxd.hungbinh.example")


@pytest.mark.parametrize("good", ["mưa phùn tháng ba", "k7Qz!ppx", "x" * 60 + "yzabc", "ba con mèo 🐈🐈🐈"])
def test_long_and_uncommon_passwords_pass(good: str) -> None:
    passwords.check(good, NAMES)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("123456", passwords.TOO_SHORT),
        ("mưa phù", passwords.TOO_SHORT),
        ("a" * 300, passwords.TOO_LONG),
        ("12345678", passwords.TOO_COMMON),
        ("MatKhau123", passwords.TOO_COMMON),
        ("mật khẩu 123", passwords.TOO_COMMON),
        ("aaaaaaaaaaaa", passwords.TOO_COMMON),
        ("Nguyễn Văn Minh", passwords.IS_NAME),
        ("nguyenvanminh", passwords.IS_NAME),
        ("minhnv@sxd.hungbinh.example", passwords.IS_NAME),
        ("nguyenvanminh.office", passwords.IS_NAME),
        ("tám ký tự\x00", passwords.HAS_CONTROLS),
    ],
)
def test_easy_passwords_are_refused_with_the_reason(bad: str, sentence: object) -> None:
    with pytest.raises(WeakPassword) as refusal:
        passwords.check(bad, NAMES)
    assert refusal.value.sentence == sentence


def test_a_hash_is_argon2id_and_fits_only_its_password() -> None:
    stored = passwords.hashed("mưa phùn tháng ba")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("mưa phùn tháng ba", stored)
    assert not passwords.matches("mưa phùn tháng tư", stored)


def test_composed_and_decomposed_typing_are_the_same_password() -> None:
    assert passwords.matches("mu\u031ba phu\u0300n", passwords.hashed("mưa phùn"))


def test_nobody_and_a_broken_hash_never_match() -> None:
    assert not passwords.matches("x", None)
    assert not passwords.matches("x", "no hash at all")


def test_checking_nobody_computes_as_much_as_checking_somebody() -> None:
    known, nobody = (extract_parameters(text) for text in (passwords.hashed("mưa phùn"), passwords._NOBODY))
    assert known == nobody


def test_app_passwords_are_sixteen_letters_however_they_are_typed() -> None:
    plain = passwords.new_app_password()
    stored = passwords.app_hashed(plain)
    assert re.fullmatch(r"[a-z]{4}(-[a-z]{4}){3}", plain)
    assert passwords.app_matches(plain.replace("-", " ").upper(), stored)
    assert not passwords.app_matches(passwords.new_app_password(), stored)


def test_first_passwords_can_be_told_on_the_telephone() -> None:
    assert re.fullmatch(r"[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){2}", passwords.new_first_password())
    assert passwords.new_first_password() != passwords.new_first_password()


def test_a_hash_does_not_show_itself() -> None:
    prepared = passwords.prepare("mưa phùn tháng ba", NAMES)
    assert "argon2" not in repr(prepared)
