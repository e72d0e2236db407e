"""LIST's wildcards."""

from __future__ import annotations

import pytest

from mailserver.imap.patterns import make_patterns


@pytest.mark.parametrize(
    ("reference", "pattern", "name", "matches"),
    [
        ("", "*", "a/b/c", True),
        ("", "%", "a", True),
        ("", "%", "a/b", False),
        ("", "a/%", "a/b", True),
        ("", "a/%", "a/b/c", False),
        ("", "a*c", "a/b/c", True),
        ("", "%/%", "a/b", True),
        ("a/", "%", "a/b", True),
        ("", "inbox", "INBOX", True),
        ("", "InBoX*", "INBOX/x", True),
        ("", "inboxes", "inboxes", True),
        ("", "*%*", "x/y", True),
        ("", "a%b*c", "aXb/Yc", True),
        ("", "a%b*c", "aX/b/Yc", False),
        ("", "", "a", False),
    ],
)
def test_wildcards(reference: str, pattern: str, name: str, matches: bool) -> None:
    assert make_patterns(reference, [pattern])[0].matches(name) is matches


@pytest.mark.timeout(30)
def test_many_wildcards_are_no_bomb() -> None:
    pattern = make_patterns("", ["%a*" * 400])[0]
    assert not pattern.matches("a" * 300 + "b/")
