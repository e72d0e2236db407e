"""The answers of the SMTP doors, and the one table from what went wrong to an answer.

Codes: RFC 5321 §4.2.3, RFC 3463. Faults of ours are temporary (4xx) and say nothing about our
insides, so that the mail is tried again; the cause goes to the log.

Sentences are Vietnamese, then English. Who is signed in reads them with their diacritics; a peer that
did not announce SMTPUTF8 gets ASCII only (RFC 6531 §3.7.4).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailserver.delivery import errors as delivery_errors
from mailserver.delivery.keeping import Notice
from mailserver.directory.records import OFFICE_ZONE
from mailserver.policy import Action, Cause, Verdict
from mailserver.store import errors as store_errors

MAX_LINE = 510  # octets without CRLF, RFC 5321 §4.5.3.1.5

OK = "250 2.0.0 Ok"
BYE = "221 2.0.0 Bye"
GO_AHEAD = "354 End data with <CR><LF>.<CR><LF>"
READY_FOR_TLS = "220 2.0.0 Ready to start TLS"
SENDER_OK = "250 2.1.0 Ok"
RECIPIENT_OK = "250 2.1.5 Ok"
CANNOT_VERIFY = "252 2.0.0 Cannot verify, but will accept mail for it"
HELP = "214 2.0.0 See RFC 5321"

OUR_FAULT = "451 4.3.0 Temporary failure, please try again later"
STORE_FULL = "452 4.3.1 Insufficient storage, please try again later"
SHUTTING_DOWN = "421 4.3.2 Service is shutting down"
TOO_MANY_SESSIONS = "421 4.7.0 Too many connections from your address"
TOO_MANY_MESSAGES = "450 4.7.1 Too many messages from your address, please slow down"
BUSY = "421 4.3.2 Too many connections, please try again later"
TIMED_OUT = "421 4.4.2 Timeout, closing connection"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
SIGNED_OUT = "421 4.7.0 Please sign in again"
TOO_MANY_GUESSES = "421 4.7.0 Too many failed sign-ins"
NOT_SMTP = "421 4.7.0 This is not a web server"

UNKNOWN_COMMAND = "500 5.5.2 Command not recognized"
LINE_TOO_LONG = "500 5.5.2 Line too long"
BAD_OCTETS = "501 5.5.2 Control characters or invalid UTF-8 in the command"
NO_ARGUMENT = "501 5.5.4 No argument allowed"
NEED_NAME = "501 5.5.4 Name needed"
MAIL_SYNTAX = "501 5.5.4 Syntax: MAIL FROM:<address>"
RCPT_SYNTAX = "501 5.5.4 Syntax: RCPT TO:<address>"
BAD_PARAMETERS = "501 5.5.4 Bad parameters"
NOT_IMPLEMENTED = "502 5.5.1 Command not implemented"
TOO_MUCH_TALK = "503 5.5.1 Too many commands without a message"
HELLO_FIRST = "503 5.5.1 Say hello first"
NESTED_MAIL = "503 5.5.1 Sender already given"
MAIL_FIRST = "503 5.5.1 Need MAIL first"
RCPT_FIRST = "503 5.5.1 Need RCPT first"
BDAT_BEGUN = "503 5.5.1 A message has been begun with BDAT"
BDAT_SYNTAX = "501 5.5.4 Syntax: BDAT octets [LAST]"
NO_VALID_RECIPIENTS = "554 5.5.1 No valid recipients"
TLS_ACTIVE = "503 5.5.1 TLS already active"
TLS_UNAVAILABLE = "454 4.7.0 TLS not available"
TLS_FIRST = "530 5.7.0 Must issue a STARTTLS command first"
UNKNOWN_PARAMETER = "555 5.5.4 Parameter not recognized"
BAD_SENDER = "553 5.1.7 Malformed sender address"
BAD_RECIPIENT = "553 5.1.3 Malformed recipient address"
NEEDS_SMTPUTF8 = "553 5.6.7 Address with other than ASCII needs SMTPUTF8"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
EMPTY_GROUP = "450 4.2.4 The group has no members at present"
BARE_NEWLINE = "554 5.6.0 Bare CR or LF in the message"

AUTH_OK = "235 2.7.0 Authentication successful"
AUTH_NEEDED = "530 5.7.0 Authentication required"
AUTH_DONE = "503 5.5.1 Already authenticated"
AUTH_IN_MAIL = "503 5.5.1 Not during a mail transaction"
AUTH_OFF = "502 5.5.1 Authentication is not offered here"
AUTH_NEEDS_TLS = "538 5.7.11 Encryption required for authentication"
AUTH_MECHANISM = "504 5.5.4 Unrecognized authentication mechanism"
AUTH_SYNTAX = "501 5.5.2 Malformed authentication data"
AUTH_ABORTED = "501 5.7.0 Authentication aborted"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with a sentence for a person, in both languages."""

    code: str
    vi: str
    en: str

    def line(self, utf8: bool) -> str:
        vietnamese = self.vi if utf8 else without_diacritics(self.vi)
        text = _one_line(f"{self.code} {vietnamese} / {self.en}")
        while len(text.encode()) > MAX_LINE:
            text = text[:-1]
        return text


def without_diacritics(text: str) -> str:
    """ASCII that a Vietnamese reader still reads: `Thư quá lớn` becomes `Thu qua lon`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", "ignore").decode()


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


UNKNOWN_RECIPIENT = Told("550 5.1.1", "Không có địa chỉ này", "No such address here")
FORMER_RECIPIENT = Told("550 5.1.6", "Địa chỉ này không còn được dùng", "This address is no longer in use")
# RFC 3463 §3.3: X.2.2 is a persistent transient failure, for the recipient can make room.
FULL_RECIPIENT = Told("452 4.2.2", "Hộp thư này đã đầy, hãy gửi lại sau", "This mailbox is full, try again later")
# A rewritten sender stands for somebody elsewhere, who is told what became of a letter and nothing else.
RETURNS_ONLY = Told(
    "550 5.7.1",
    "Địa chỉ này chỉ nhận báo cáo gửi thư không thành công",
    "This address takes only reports of mail that was not delivered",
)
RETURNS_ALONE = "452 4.5.3 Send to this address in a transaction of its own"
FLOODED_RECIPIENT = Told(
    "450 4.2.1",
    "Hộp thư này đang nhận quá nhiều thư, hãy gửi lại sau",
    "This mailbox is getting too much mail at present, try again later",
)
LOCKED_RECIPIENT = Told("550 5.2.1", "Hộp thư này đang khóa", "This mailbox is closed at present")
RELAY_DENIED = Told("550 5.7.1", "Không chuyển tiếp thư cho tên miền khác", "Relaying to other domains is not allowed")
OUTSIDE_OFF = Told(
    "550 5.7.1",
    "Gửi ra ngoài chưa được bật, chỉ gửi được trong nội bộ",
    "Sending outside is not switched on; only internal recipients are possible",
)
NOT_YOUR_NAME = Told(
    "550 5.7.1",
    "Tài khoản này không được gửi thư bằng địa chỉ người gửi đã ghi",
    "This account may not send under the given sender address",
)
NO_AUTHOR = Told("550 5.6.0", "Thư thiếu trường From", "The message lacks a readable From field")
SEVERAL_AUTHORS = Told(
    "550 5.6.0", "Thư có nhiều trường From hoặc Sender", "The message has several From or Sender fields"
)
LOOP = Told("554 5.4.6", "Thư bị chuyển vòng quanh quá nhiều máy chủ", "Mail loop: too many hops")


def chunk_taken(octets: int) -> str:
    """RFC 3030 §2: clients may look for the number."""
    return f"250 2.0.0 {octets} octets received"


def too_large(limit: int, whose: str = "") -> Told:
    """limit: octets. whose: name of the agency that allows no more."""
    vi, en = (f" của {whose}", f" by {whose}") if whose else ("", "")
    most = f"{limit / 1_048_576:.1f}".removesuffix(".0")
    return Told(
        "552 5.3.4",
        f"Thư lớn hơn mức cho phép {most} MB{vi}, tính cả tệp đính kèm",
        f"The message is larger than the {most} MB allowed{en}, attachments included",
    )


def not_authentic(domain: str) -> Told:
    """RFC 7372 §3.3: neither SPF nor DKIM speaks for the author. domain: the author's, as A-labels."""
    return Told(
        "550 5.7.26",
        f"Không xác thực được người gửi; tên miền {domain} yêu cầu từ chối thư như vậy (SPF, DKIM, DMARC)",
        f"The sender is not authenticated, and {domain} asks that such mail be refused (SPF, DKIM, DMARC)",
    )


# What a mark is called, and where it was found.
_KINDS = {
    "secret": ("văn bản MẬT", "a document marked secret"),
    "top-secret": ("văn bản TỐI MẬT", "a document marked top secret"),
    "most-secret": ("văn bản TUYỆT MẬT", "a document marked most secret"),
    "complaint": ("đơn thư khiếu nại, tố cáo", "a complaint or denunciation"),
    "settlement": ("văn bản giải quyết đơn thư", "a document that settles a complaint"),
    "personal": ("thư gửi đích danh", "a letter to a named person"),
}
_PLACES = {
    "subject": ("tiêu đề", "the subject"),
    "body": ("nội dung thư", "the text"),
    "file-name": ("tên tệp", "the name of a file"),
    "page": ("trang đầu của tệp", "the first page of a file"),
}


def forbidden_class(facts: Mapping[str, int | str]) -> Told:
    """facts: of the rule forbidden-classes: kind, place, file."""
    kind, place = _KINDS[str(facts["kind"])], _PLACES[str(facts["place"])]
    file = f" {facts['file']}" if facts.get("file") else ""
    return Told(
        "550 5.7.1",
        f"Có dấu hiệu {kind[0]} ({place[0]}{file}): không gửi qua hệ thống, xử lý theo quy trình riêng",
        f"Looks like {kind[1]} ({place[1]}{file}), which may not pass through this system",
    )


# Characters of a file's name that fit into a reply with the rest.
_MOST_NAME = 40


def dangerous_file(name: str, article: str = "") -> Told:
    """RFC 3463 §3.8: refused for its content. name: of the file, for the reader."""
    # A reply line has 512 octets at most (RFC 5321 §4.5.3.1.5).
    shown = "".join(one if one.isprintable() else "?" for one in name[-_MOST_NAME:])
    plain = shown.encode("ascii", "replace").decode()
    return Told(
        "554 5.7.1",
        f"Tệp đính kèm {shown} có thể gây hại khi mở (chương trình, tập lệnh, macro…), không được gửi qua thư{article}",
        f"The attachment {plain} may do harm when it is opened (program, script, macro), and is not taken by mail",
    )


def virus(name: str, article: str = "") -> Told:
    """RFC 3463 §3.8: refused for its content. name: of the signature."""
    plain = name.encode("ascii", "replace").decode()
    return Told("554 5.7.1", f"Thư có vi-rút {plain}{article}", f"The message carries a virus: {plain}")


# RFC 3463 §3.4: a system that is not accepting at present, and §3.8: put off by a rule.
NOT_SCANNED = Told(
    "451 4.3.2",
    "Chưa quét được vi-rút và thư rác, hãy gửi lại sau",
    "The message could not be scanned, please try again later",
)
PUT_OFF = Told("451 4.7.1", "Hãy gửi lại sau", "Please try again later")
SPAM = Told("550 5.7.1", "Thư bị coi là thư rác", "The message is taken for spam")
_WINDOWS = {
    "hour": ("{} người trong một giờ", "{} recipients in an hour"),
    "day": ("{} người trong một ngày", "{} recipients in a day"),
    "new-hour": ("{} người mới ở ngoài trong một giờ", "{} new outside recipients in an hour"),
    "new-day": ("{} người mới ở ngoài trong một ngày", "{} new outside recipients in a day"),
}


def too_fast(facts: Mapping[str, int | str], article: str = "") -> Told:
    """facts: of the rule sending-rate. RFC 3463 §3.8: X.7.1; put off (4xx) unless the letter can never go."""
    vi, en = (words.format(facts["limit"]) for words in _WINDOWS[str(facts["window"])])
    if not facts["until"]:
        return Told(
            "550 5.7.1",
            f"Thư có nhiều người nhận hơn mức {vi}{article}",
            f"More recipients than the limit of {en}",
        )
    # Not before the minute that is named.
    until = datetime.fromtimestamp(int(facts["until"]) + 59, OFFICE_ZONE)
    return Told(
        "450 4.7.1",
        f"Đã gửi tới mức {vi}; gửi tiếp được từ {until:%H:%M ngày %d/%m/%Y}{article}",
        f"Limit of {en} reached, try again at {until:%H:%M on %d/%m/%Y}",
    )


# Characters of the names of lists that fit into a reply with the rest.
_MOST_LISTS = 120


def too_many(facts: Mapping[str, int | str], article: str = "") -> Told:
    """facts: of the rule bulk-mail. RFC 3463 §3.6: X.5.3, too many recipients."""
    lists = str(facts["lists"])[:_MOST_LISTS]
    vi, en = (f": {lists}", f": {lists}") if lists else ("", "")
    return Told(
        "550 5.5.3",
        f"Một thư gửi nhiều nhất {facts['limit']} người; hãy gửi qua danh sách của cơ quan{vi}{article}",
        f"At most {facts['limit']} recipients a message; write to a list instead{en}",
    )


NO_POSTING = Told(
    "550 5.7.1",
    "Bạn không có quyền gửi thư tới danh sách này",
    "You may not write to this list",
)
NO_REPORTS_TO_LISTS = Told(
    "550 5.7.1", "Danh sách không nhận thư báo tự động", "Lists take no reports without a sender"
)


def list_too_large(address: str, limit: int) -> Told:
    """limit: octets, decoded."""
    return too_large(limit, f"danh sách {address}")


def refused_by_policy(verdict: Verdict) -> Told:
    """The answer to a verdict that did not accept; names the rule's article."""
    article = f" ({verdict.article})" if verdict.article else ""
    if verdict.action is Action.DEFER:
        return NOT_SCANNED if verdict.cause is Cause.NOT_SCANNED else PUT_OFF
    if verdict.cause is Cause.TOO_LARGE:
        told = too_large(int(verdict.facts["limit"]), str(verdict.facts.get("agency", "")))
        return Told(told.code, told.vi + article, told.en)
    if verdict.cause is Cause.NOT_AUTHENTIC:
        domain = str(verdict.facts["domain"])
        return not_authentic(domain) if domain else NO_AUTHOR
    if verdict.cause is Cause.FORBIDDEN_CLASS:
        told = forbidden_class(verdict.facts)
        return Told(told.code, told.vi + article, told.en)
    if verdict.cause is Cause.DANGEROUS_FILE:
        return dangerous_file(str(verdict.facts["file"]), article)
    if verdict.cause is Cause.VIRUS:
        return virus(str(verdict.facts["virus"]), article)
    if verdict.cause is Cause.SPAM:
        return SPAM
    if verdict.cause is Cause.TOO_FAST:
        return too_fast(verdict.facts, article)
    if verdict.cause is Cause.TOO_MANY:
        return too_many(verdict.facts, article)
    return Told("550 5.7.1", f"Thư trái quy định của cơ quan{article}", "The message is against the agency's policy")


def kept(id: str, notices: Sequence[Notice]) -> Told:
    """The answer to a message that is taken, but waits for somebody's word. id: ours, for the log."""
    if any(one.action is Action.QUARANTINE for one in notices):
        return Told(f"250 2.0.0 Ok: {id}", "Đã nhận, đang cách ly chờ xem xét", "Taken, quarantined for review")
    whom = next((f" {one.waits_for}" for one in notices if one.waits_for), "")
    vi, en = (
        f"Đã nhận, đang chờ{whom} đồng ý",
        f"Taken, held until{whom} agrees" if whom else "Taken, held for approval",
    )
    return Told(f"250 2.0.0 Ok: {id}", vi, en)


Answer = str | Told
_ANSWERS: Mapping[type[Exception], Answer] = {
    delivery_errors.RecipientUnknown: UNKNOWN_RECIPIENT,
    delivery_errors.RecipientFormer: FORMER_RECIPIENT,
    delivery_errors.RecipientLocked: LOCKED_RECIPIENT,
    delivery_errors.RecipientFull: FULL_RECIPIENT,
    delivery_errors.PostingRefused: NO_POSTING,
    delivery_errors.NotAReport: RETURNS_ONLY,
    delivery_errors.ExternalRecipientRefused: OUTSIDE_OFF,
    delivery_errors.NoRecipients: NO_VALID_RECIPIENTS,
    delivery_errors.MailLoop: LOOP,
    delivery_errors.SeveralAuthors: SEVERAL_AUTHORS,
    delivery_errors.AuthorMissing: NO_AUTHOR,
    delivery_errors.SenderNotAllowed: NOT_YOUR_NAME,
    store_errors.StoreFull: STORE_FULL,
}


def answer_to(error: Exception) -> Answer:
    """What a peer is told about an error; OUR_FAULT for everything unforeseen."""
    match error:
        case delivery_errors.PolicyRefused(verdict=verdict):
            return refused_by_policy(verdict)
        case store_errors.MoveRefused(sentence=sentence):
            return Told("550 5.7.1", sentence, "Refused by the recipient's mailbox")
        case delivery_errors.ListTooLarge(address=address, limit=limit):
            return list_too_large(address, limit)
        case store_errors.MessageTooLarge(limit=limit):
            return too_large(limit)
    return _ANSWERS.get(type(error), OUR_FAULT)


def line_of(answer: Answer, *, utf8: bool) -> str:
    """One reply line without CRLF. utf8: whether the reader takes more than ASCII."""
    return answer if isinstance(answer, str) else answer.line(utf8)
