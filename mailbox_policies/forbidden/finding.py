"""What was found, and in what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from mailserver.mime.extract import PageLine


@unique
class Kind(Enum):
    """A class that a regulation keeps out of the system, or out of it until somebody agrees."""

    MOST_SECRET = "most-secret"  # TUYỆT MẬT
    TOP_SECRET = "top-secret"  # TỐI MẬT
    SECRET = "secret"  # MẬT
    PERSONAL = "personal"  # gửi đích danh
    COMPLAINT = "complaint"  # đơn khiếu nại, tố cáo
    SETTLEMENT = "settlement"  # văn bản giải quyết đơn

    @property
    def is_secret(self) -> bool:
        return self in (Kind.MOST_SECRET, Kind.TOP_SECRET, Kind.SECRET)


@unique
class Place(Enum):
    """Where in a letter something stands."""

    SUBJECT = "subject"
    BODY = "body"
    FILE_NAME = "file-name"
    PAGE = "page"  # the first page of a file


@dataclass(frozen=True, slots=True)
class Finding:
    """excerpt: the words that tell, as they are written; file: the name of the file they are in, "" for none."""

    kind: Kind
    place: Place
    excerpt: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a letter, as far as it can be read. name: NFC; text: in the order of the file.

    page: the lines of its first page with their places, none where nobody knows them.
    """

    name: str
    text: str = ""
    page: tuple[PageLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is looked at. subject: on one line; body: plain text."""

    subject: str = ""
    body: str = ""
    documents: tuple[Document, ...] = ()
