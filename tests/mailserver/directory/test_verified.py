"""Passwords that were right, known to all processes of one parent and to nobody else."""

import os
from dataclasses import replace

import pytest

from mailserver.directory.accounts import Credential
from mailserver.directory.verified import Verified

RIGHT, WRONG = "mưa phùn tháng ba", "mưa rào tháng bảy"
MINE = Credential(7, "password", "$argon2id$…a", must_change=False, expires_at=None, last_used_at=None, scram=None)


def test_only_the_right_password_of_the_very_credential_is_known() -> None:
    verified = Verified()
    assert not verified.knows(MINE, RIGHT)
    verified.remember(MINE, RIGHT)
    assert verified.knows(MINE, RIGHT)
    assert not verified.knows(MINE, WRONG)
    assert not verified.knows(replace(MINE, hash="$argon2id$…b"), RIGHT)
    assert not verified.knows(replace(MINE, id=8), RIGHT)


def test_credentials_that_share_a_place_are_not_mistaken_for_one_another() -> None:
    verified = Verified(places=1)
    verified.remember(MINE, RIGHT)
    other = replace(MINE, id=8)
    assert not verified.knows(other, RIGHT)
    verified.remember(other, RIGHT)
    assert verified.knows(other, RIGHT)
    assert not verified.knows(MINE, RIGHT)


def test_what_one_process_has_verified_its_siblings_know() -> None:
    verified = Verified()
    child = os.fork()
    if child == 0:
        verified.remember(MINE, RIGHT)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert verified.knows(MINE, RIGHT)


@pytest.mark.parametrize("password", ["", "\ud800", "x" * 300])
def test_what_cannot_be_a_password_is_not_known(password: str) -> None:
    verified = Verified()
    verified.remember(MINE, RIGHT)
    assert not verified.knows(MINE, password)
