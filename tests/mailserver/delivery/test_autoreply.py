"""RFC 3834 §2: what a program may answer."""

from __future__ import annotations

import pytest

from mailserver.delivery.autoreply import Question, question

OWN = frozenset(("truongpk@sxd.hungbinh.example", "truong@sxd.hungbinh.example"))
USUAL = (
    "Return-Path: <lan@ubnd.hungbinh.example>\r\nFrom: Lan <lan@ubnd.hungbinh.example>\r\n"
    "To: Truong <TruongPK@sxd.hungbinh.example>\r\nSubject: V/v quy hoach\r\n"
)


def asked(*more: str, base: str = USUAL) -> Question | None:
    return question((base + "".join(f"{line}\r\n" for line in more) + "\r\n").encode(), OWN)


def test_a_letter_to_somebody_by_name_may_be_answered() -> None:
    assert asked() == Question("lan@ubnd.hungbinh.example", "truongpk@sxd.hungbinh.example")
    assert asked("Auto-Submitted: no", "Precedence: first-class", "Content-Type: text/plain; x=list") is not None


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (by a program)",
        "Auto-Submitted: auto-notified; owner=x",
        "Precedence: bulk",
        "precedence: LIST",
        "Precedence: junk",
        "List-Id: <hoi.hungbinh.example>",
        "List-Unsubscribe: <mailto:x@y>",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
    ],
)
def test_lists_and_programs_are_not_answered(line: str) -> None:
    assert asked(line) is None


@pytest.mark.parametrize(
    "path",
    [
        "<>",
        "",
        "<lan>",
        "<MAILER-DAEMON@x.example>",
        "<postmaster@x.example>",
        "<owner-hoi@x.example>",
        "<hoi-request@x.example>",
        "<hoi-bounces@x.example>",
        "<no-reply@x.example>",
        "<truong@sxd.hungbinh.example>",
        "<truongpk+ghi-chu@sxd.hungbinh.example>",
    ],
)
def test_nobody_oneself_and_duty_names_are_not_answered(path: str) -> None:
    assert asked(base=USUAL.replace("<lan@ubnd.hungbinh.example>", path, 1)) is None


@pytest.mark.parametrize(
    ("to", "answered"),
    [
        ("tatca@sxd.hungbinh.example", False),
        ("undisclosed-recipients:;", False),
        ("x@y.example, truong@sxd.hungbinh.example", True),
        ("nhom: a@b.example, truongpk+du-an@sxd.hungbinh.example;", True),
    ],
)
def test_only_who_is_named_answers(to: str, answered: bool) -> None:
    found = asked(base=USUAL.replace("Truong <TruongPK@sxd.hungbinh.example>", to))
    assert (found is not None) is answered


def test_a_copy_counts_as_well() -> None:
    base = USUAL.replace("Truong <TruongPK@sxd.hungbinh.example>", "x@y.example")
    assert asked("Cc: truong@sxd.hungbinh.example", base=base) is not None
