"""The one table from errors to answers."""

from __future__ import annotations

import inspect
import re

import pytest

from mailserver.delivery import errors as delivery_errors
from mailserver.policy import Action, Article, Case, Cause, Stage, Verdict
from mailserver.smtp import replies
from mailserver.smtp.replies import Told, answer_to, line_of, without_diacritics
from mailserver.store import errors as store_errors

SAMPLES: dict[type[Exception], tuple[object, ...]] = {
    delivery_errors.SenderNotAllowed: ("x@y",),
    delivery_errors.PolicyRefused: (
        Verdict(Action.REJECT, "rule", Article("1/QĐ", 2, 3), Cause.NONE),
        Case(Stage.DATA),
    ),
    delivery_errors.RecipientRefused: (["x@y"],),
    delivery_errors.RecipientUnknown: (["x@y"],),
    delivery_errors.RecipientFormer: (["x@y"],),
    delivery_errors.RecipientLocked: (["x@y"],),
    delivery_errors.ExternalRecipientRefused: (["x@y"],),
    delivery_errors.NotAReport: (["x@y"],),
    delivery_errors.PostingRefused: (["x@y"],),
    delivery_errors.ListTooLarge: ("x@y", 1_000_000),
    store_errors.MoveRefused: ("Chưa được\r\n250 OK",),
    store_errors.MessageTooLarge: (1,),
}
DELIVERY = [
    found
    for _, found in inspect.getmembers(delivery_errors, inspect.isclass)
    if issubclass(found, delivery_errors.DeliveryError)
    and found not in (delivery_errors.DeliveryError, delivery_errors.RecipientRefused, delivery_errors.RecipientFull)
    # Only where the writer can be asked, which nobody can over SMTP.
    and found is not delivery_errors.PolicyWarned
]
CONSTANTS = [text for name, text in vars(replies).items() if name.isupper() and isinstance(text, str)]


@pytest.mark.parametrize("kind", DELIVERY)
def test_every_refusal_of_delivery_has_an_answer_that_is_final(kind: type[Exception]) -> None:
    line = line_of(answer_to(kind(*SAMPLES.get(kind, ()))), utf8=True)
    assert re.match(r"5\d\d 5\.\d+\.\d+ \S", line)
    assert kind.__name__ not in line


@pytest.mark.parametrize("error", [OSError(28, "No space"), KeyError("secret"), store_errors.StoreUnavailable("db")])
def test_what_is_our_fault_is_temporary_and_says_nothing(error: Exception) -> None:
    assert answer_to(error) == "451 4.3.0 Temporary failure, please try again later"


def test_what_is_full_now_is_temporary() -> None:
    assert line_of(answer_to(store_errors.StoreFull()), utf8=False).startswith("452 4.3.1 ")
    assert line_of(answer_to(delivery_errors.RecipientFull(["x@y"])), utf8=False).startswith("452 4.2.2 ")


def test_a_behaviours_sentence_reaches_its_reader_and_splits_no_reply() -> None:
    line = line_of(answer_to(store_errors.MoveRefused("Chưa được\r\n250 OK")), utf8=True)
    assert line.startswith("550 5.7.1 Chưa được  250 OK / ")
    assert line.isprintable()


def test_a_policys_article_is_named() -> None:
    verdict = Verdict(Action.REJECT, "size", Article("123/QĐ-SCT", 6, 2), Cause.TOO_LARGE, {"limit": 10_485_760})
    line = line_of(replies.refused_by_policy(verdict), utf8=True)
    assert line == (
        "552 5.3.4 Thư lớn hơn mức cho phép 10 MB, tính cả tệp đính kèm (123/QĐ-SCT, Điều 6 khoản 2)"
        " / The message is larger than the 10 MB allowed, attachments included"
    )


def test_a_peer_without_smtputf8_reads_ascii() -> None:
    assert without_diacritics("Địa chỉ người gửi đã ghi") == "Dia chi nguoi gui da ghi"
    assert replies.UNKNOWN_RECIPIENT.line(utf8=False) == "550 5.1.1 Khong co dia chi nay / No such address here"


def test_no_line_is_longer_than_the_standard_allows() -> None:
    assert len(Told("550 5.7.1", "ư" * 1000, "x").line(utf8=True).encode()) <= replies.MAX_LINE


@pytest.mark.parametrize("line", CONSTANTS)
def test_every_fixed_reply_has_a_code_and_fits(line: str) -> None:
    assert re.match(r"(354 |[245]\d\d ([245])\.\d+\.\d+ )\S", line)
    assert line.isascii()
    assert len(line) <= replies.MAX_LINE
    if not line.startswith("354"):
        assert line[0] == line[4], "class of reply and of enhanced code agree (RFC 2034 §4)"
