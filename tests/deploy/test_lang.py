"""Which language the command line speaks."""

from __future__ import annotations

import pytest

from deploy.lang import chosen


@pytest.mark.parametrize(
    ("argv", "environ", "language"),
    [
        ([], {}, "vi"),
        ([], {"LANG": "C.UTF-8"}, "vi"),
        ([], {"LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "vi_VN.UTF-8"}, "vi"),
        ([], {"LANG": "en_GB.UTF-8", "LC_ALL": "vi_VN.UTF-8"}, "vi"),
        ([], {"LANG": "vi_VN", "VANTHU_LANG": "en"}, "en"),
        (["--lang", "en", "user"], {}, "en"),
        (["user", "--lang=vi"], {"LANG": "en_US"}, "vi"),
        (["--lang"], {}, "vi"),
    ],
)
def test_the_option_comes_first_then_the_environment(argv: list[str], environ: dict[str, str], language: str) -> None:
    assert chosen(argv, environ) == language
