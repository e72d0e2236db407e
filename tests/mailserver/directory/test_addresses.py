from __future__ import annotations

import pytest

from mailserver.directory import addresses
from mailserver.directory.errors import AddressInvalid


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Minh.NV@SXD.HungBinh.Example", "minh.nv@sxd.hungbinh.example"),
        ("vp@localhost", "vp@localhost"),
        ("vp@bench.test", "vp@bench.test"),
        ("vp@noibo.local.", "vp@noibo.local"),
        ("vp@Sở.vn", "vp@xn--s-lym.vn"),
        ("vp@So\u031b\u0309.vn", "vp@xn--s-lym.vn"),
        ("đào@sxd.vn", "đào@sxd.vn"),
        ("đa\u0300o@sxd.vn", "đào@sxd.vn"),
    ],
)
def test_one_spelling_for_each_address(given: str, kept: str) -> None:
    assert addresses.address(given) == kept
    assert addresses.lookup_key(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        *("", "vp", "@sxd.vn", "vp@", "a b@sxd.vn", "a..b@sxd.vn", "vp@-sxd.vn", "vp@sxd..vn", "vp+x@sxd.vn"),
        *("vp\r\n@sxd.vn", "vp@sxd.vn\x00", "a" * 65 + "@sxd.vn", "vp@" + "a." * 130 + "vn", "<vp@sxd.vn>"),
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(AddressInvalid):
        addresses.address(given)


@pytest.mark.parametrize("given", ["\x00@\ud800.vn", "a@" + "ở" * 300, "@", "", '"@x', "\ud800", "a@[127.0.0.1]"])
def test_looking_up_nonsense_never_raises(given: str) -> None:
    assert "\x00" not in addresses.lookup_key(given)
    addresses.lookup_key(given).encode()


def test_needless_quotes_do_not_make_another_address() -> None:
    assert addresses.lookup_key('"minh"@sxd.vn') == "minh@sxd.vn"


def test_the_detail_is_what_follows_the_first_plus() -> None:
    assert addresses.without_detail("vb+a+b@sxd.vn") == ("vb@sxd.vn", "a+b")
    assert addresses.without_detail("+a@sxd.vn") == ("+a@sxd.vn", "")
    assert addresses.without_detail("vb@sxd.vn") == ("vb@sxd.vn", "")
