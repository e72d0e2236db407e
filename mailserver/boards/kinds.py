"""The kinds of shared folders that the regulations name, and the behaviours that keep their rules."""

from __future__ import annotations

from enum import StrEnum, unique

# What a folder of posts carries, and the one where posts lie that were taken down.
BEHAVIOUR, REMOVED = BEHAVIOURS = ("boards.board", "boards.removed")
# Of the address to which posts are sent by mail, "dang-bai+NUMBER@", and its local part.
BY_MAIL, BY_MAIL_LOCAL_PART = "boards.by_mail", "dang-bai"
REMOVED_NAME = "Bài đã gỡ"

# RFC 4314 letters: everybody reads; who posts also inserts, and takes down. Of whom a post is, `behaviours` asks.
READS = frozenset("lrs")
POSTS = READS | frozenset("ipte")


@unique
class BoardKind(StrEnum):
    """132/QĐ-STTTT, Điều 7; DOCUMENTS: 1201/QĐ-SYT, Điều 5 khoản 6."""

    SCHEDULE = "schedule"
    OPEN = "open"
    NOTICE = "notice"
    COMMENTS = "comments"
    CIRCLE = "circle"  # Chi bộ, Công đoàn, Chi đoàn: apart from the units
    DOCUMENTS = "documents"
    OTHER = "other"
