"""The one table from faults to answers (RFC 5530 §3, RFC 7889 §4).

Three kinds: they wrote nonsense (BAD), they may not (NO with a code that says so), we failed (NO
[UNAVAILABLE], [SERVERBUG]: a client tries again). The peer's text is generic, in the user's
language; cause and identifiers go to the log.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from mailserver.imap import responses
from mailserver.imap.parser.errors import NameRefused, ParseError
from mailserver.imap.responses import Reply
from mailserver.imap.view import BeyondEnd
from mailserver.store import errors as store

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Face:
    """A fault as the peer sees it."""

    code: bytes
    vi: str
    en: str

    def text(self, locale: str) -> str:
        return self.en if locale == "en" else self.vi


MISSING = Face(b"NONEXISTENT", "Không có thư mục này.", "No such mailbox.")
TRY_CREATE = Face(b"TRYCREATE", MISSING.vi, MISSING.en)
NOT_ALLOWED = Face(b"NOPERM", "Bạn không có quyền làm việc này.", "You may not do that here.")
READ_ONLY = Face(b"READ-ONLY", "Thư mục đang mở chỉ để đọc.", "The mailbox is open read-only.")
GONE = Face(b"NONEXISTENT", "Thư này không còn trong thư mục.", "That message is not in the mailbox any more.")
BUG = Face(b"SERVERBUG", "Máy chủ gặp lỗi; hãy thử lại.", "Internal error; please try again.")

FACES: dict[type[store.StoreError], Face] = {
    store.FolderMissing: MISSING,
    store.FolderExists: Face(b"ALREADYEXISTS", "Thư mục này đã có.", "The mailbox exists already."),
    store.FolderNameInvalid: Face(b"CANNOT", "Tên thư mục không hợp lệ.", "That is not a valid mailbox name."),
    store.FolderInUse: Face(b"CANNOT", "Thư mục này phải được giữ lại.", "This mailbox has to stay as it is."),
    store.FolderHasChildren: Face(
        b"HASCHILDREN", "Thư mục này còn thư mục con.", "There are mailboxes below this one."
    ),
    store.KeywordsInvalid: Face(b"LIMIT", "Nhãn không hợp lệ hoặc quá nhiều.", "Invalid or too many keywords."),
    store.Forbidden: NOT_ALLOWED,
    store.GranteeMissing: Face(b"CANNOT", "Không có ai mang tên này.", "There is nobody by that name."),
    store.RightsFixed: Face(
        b"CANNOT",
        "Quyền này gắn với cả hộp thư, không bỏ được ở một thư mục.",
        "These rights come with the whole mailbox.",
    ),
    store.TooManyShares: Face(
        b"LIMIT", "Thư mục đã chia sẻ cho quá nhiều người; hãy dùng nhóm.", "Shared with too many; use a group."
    ),
    store.MessageTooLarge: Face(b"TOOBIG", "Thư vượt quá dung lượng cho phép.", "The message is too large."),
    store.TooManyAnnotations: Face(b"METADATA TOOMANY", "Quá nhiều ghi chú.", "Too many notes."),
    store.OverQuota: Face(b"OVERQUOTA", "Hộp thư đã đầy; hãy xóa bớt thư.", "The mailbox is full; delete some mail."),
    store.StoreFull: Face(b"OVERQUOTA", "Máy chủ hết chỗ lưu; hãy thử lại sau.", "No space left; try later."),
    store.StoreUnavailable: Face(
        b"UNAVAILABLE", "Kho thư tạm thời không phục vụ.", "The store is not available right now."
    ),
}


class Refusal(Exception):
    """A handler's own NO; `face` says it."""

    def __init__(self, face: Face) -> None:
        super().__init__(face.en)
        self.face = face


def reply_to(error: Exception, locale: str, try_create: bool = False) -> Reply:
    """The tagged answer to a fault; unknown faults are logged with their traceback.

    try_create: a missing mailbox is the target of APPEND, COPY or MOVE, which the client may create
    (RFC 3501 §7.1).
    """
    if isinstance(error, ParseError):
        return responses.bad(str(error), b"CLIENTBUG")
    if isinstance(error, BeyondEnd):
        return responses.bad("Sequence number beyond the last message", b"CLIENTBUG")
    if isinstance(error, NameRefused):
        return responses.no(str(error), error.code)
    if isinstance(error, store.MoveRefused):
        return responses.no(error.sentence, b"NOPERM")
    face = _face(error)
    if face is MISSING and try_create:
        face = TRY_CREATE
    if face is BUG:
        _log.error("imap_command_failed", exc_info=error)
    elif isinstance(error, (store.StoreFull, store.StoreUnavailable)):
        _log.warning("imap_store_failed", error=repr(error))
    return responses.no(face.text(locale), face.code)


def _face(error: Exception) -> Face:
    if isinstance(error, Refusal):
        return error.face
    if isinstance(error, store.StoreError):
        for kind in type(error).__mro__:
            if kind in FACES:
                return FACES[kind]
    return BUG
