"""Reading and writing MTA-STS policies (RFC 8461 §3)."""

from __future__ import annotations

import pytest

from mailserver.outbound.mtasts import LONGEST_S, BadPolicy, Mode, Policy, parse, policy_id

TEXT = b"version: STSv1\r\nmode: enforce\r\nmx: mx.far.test\r\nmx: *.pool.test\r\nmax_age: 86400\r\n"


def test_a_policy_is_read() -> None:
    assert parse(TEXT) == Policy(Mode.ENFORCE, ("mx.far.test", "*.pool.test"), 86400)
    assert parse(TEXT.replace(b"\r\n", b"\n").replace(b"mx.far", b"MX_1.Far")).hosts[0] == "mx_1.far.test"
    assert parse(b"version: STSv1\nmode: none\nmax_age: 9999999999") == Policy(Mode.NONE, (), LONGEST_S)
    assert parse(TEXT + b"extension: x\nmode: none\n").mode is Mode.ENFORCE


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe\x00",
        TEXT.replace(b"STSv1", b"STSv2"),
        TEXT.replace(b"enforce", b"perhaps"),
        TEXT.replace(b"86400", b"-1"),
        TEXT.replace(b"86400", b"1e9"),
        TEXT.replace(b"86400", "٣".encode()),
        b"version: STSv1\nmode: enforce\nmax_age: 1\n",
        TEXT.replace(b"mx.far.test", b"mx far"),
        TEXT.replace(b"*.pool.test", b"mx.*.test"),
        TEXT + b"mx: a.test\n" * 200,
    ],
)
def test_what_is_no_policy_is_refused(text: bytes) -> None:
    with pytest.raises(BadPolicy):
        parse(text)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("mx.far.test", True),
        ("MX.far.test.", True),
        ("a.pool.test", True),
        ("a.b.pool.test", False),
        ("pool.test", False),
        ("evil.test", False),
    ],
)
def test_hosts(host: str, allowed: bool) -> None:
    assert parse(TEXT).allows(host) is allowed


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ((b"v=STSv1; id=2026;",), "2026"),
        ((b"v=spf1 -all", b"v=STSv1;id=a1"), "a1"),
        ((b"v=STSv1; id=1;", b"v=STSv1; id=2;"), None),
        ((b"v=STSv1; id=;",), None),
        ((b"v=STSv1;",), None),
        ((b"v=STSv1; id=not-an-id;",), None),
        ((b"v=STSv10; id=1;",), None),
        ((b"x", b""), None),
        ((), None),
    ],
)
def test_the_record_in_the_dns(records: tuple[bytes, ...], found: str | None) -> None:
    assert policy_id(records) == found


def test_what_we_publish_is_what_we_read() -> None:
    policy = Policy(Mode.TESTING, ("mail.sct.test",), 604_800)
    assert parse(policy.text) == policy
    other = Policy(Mode.ENFORCE, ("mail.sct.test",), 604_800)
    ids = {policy_id((one.record.encode(),)) for one in (policy, other)}
    assert None not in ids
    assert len(ids) == 2
