from __future__ import annotations

import pytest

from webmail.redirects import own_path

BAD = [
    None, "", "x", "//x", "/\\x", "\\x", "http://x", "https:x", "javascript:x", "/a\nb", "/\tx", "/a\\b",
    " /x", "/\x7f", "///x", "/a b",
]  # fmt: skip


@pytest.mark.parametrize("wanted", BAD)
def test_anything_that_could_lead_away_is_replaced(wanted: str | None) -> None:
    assert own_path(wanted, "/viec") == "/viec"


@pytest.mark.parametrize("wanted", ["/thu/1?q=a&trang=2", "/tim?q=%C4%91", "/van-ban/3#viec", "/x?u=http://y"])
def test_own_paths_stay(wanted: str) -> None:
    assert own_path(wanted, "/viec") == wanted
