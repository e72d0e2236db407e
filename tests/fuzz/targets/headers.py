"""Header blocks and structured fields: fields, encoded words, parameters of RFC 2231, file names."""

from __future__ import annotations

from mailserver.mime.filenames import file_name
from mailserver.mime.header import Header, field_chooser, fields_of, header_end, unfold
from mailserver.mime.limits import MAX_FILENAME_OCTETS, MAX_MESSAGE_IDS, MAX_PARAMETERS
from mailserver.mime.media_type import disposition, media_type
from mailserver.mime.message_ids import message_id, message_ids
from mailserver.mime.params import extended_text, parameters, without_comments
from mailserver.mime.subjects import base_subject, exact_base_subject
from mailserver.mime.words import decode_text, encode_text, read_words
from tests.fuzz.target import Target
from tests.mailserver.mime import imaplist, soundness

_CHOSEN = frozenset({b"subject", b"from", b"x-a"})


def check(raw: bytes) -> None:
    _check_block(raw)
    _check_text(raw)
    _check_parameters(unfold(raw))
    assert len(message_ids(raw)) <= MAX_MESSAGE_IDS
    soundness.check_storable([*message_ids(raw), message_id(raw) or ""])


def _check_block(raw: bytes) -> None:
    """Each field is in exactly one of a choice and its opposite, octet for octet."""
    end = header_end(raw, 0, len(raw))
    assert 0 <= end <= len(raw)
    block = raw[:end]
    header = Header(block)
    for name, value in fields_of(block):
        assert b"\n" not in unfold(value)
        header.text(name)
    assert sum(map(len, (octets for _, octets in header.fields()))) <= len(block)
    chosen, others = field_chooser(_CHOSEN)(block), field_chooser(_CHOSEN, invert=True)(block)
    assert chosen.endswith(b"\r\n") and others.endswith(b"\r\n")
    assert len(chosen) + len(others) <= len(block) + 8
    for name, _ in fields_of(chosen):
        assert name in _CHOSEN


def _check_text(raw: bytes) -> None:
    text = decode_text(raw)
    soundness.check_storable([text, base_subject(text), exact_base_subject(text)])
    again = b" ".join(encode_text(text))
    assert again.isascii()
    # What is written is what is read; a text that looks broken is repaired for readers again.
    assert read_words(again).stated == text


def _check_parameters(value: bytes) -> None:
    found, _ = parameters(value)
    assert len(found) <= MAX_PARAMETERS
    texts = [file_name(found, name) or "" for name in (b"name", b"filename")]
    assert all(len(text.encode()) <= MAX_FILENAME_OCTETS for text in texts)
    soundness.check_storable([*texts, extended_text(value)])
    assert len(without_comments(value)) <= len(value)
    kind, shown = media_type(value), disposition(value)
    soundness.check_storable([kind.charset or "", kind.name or "", shown.filename or "", shown.kind or ""])
    for wire in (kind.params_wire, shown.wire):
        assert wire == b"NIL" or isinstance(imaplist.parse(wire), list)


SEEDS = [
    b"Subject: =?utf-8?B?Vmnhu4d0?= =?UTF-8?Q?_Nam?=\r\nFrom: An <an@x.vn>\r\nX-A: b\r\n c\r\n\r\nbody",
    b"=?utf-8?Q?Vi=E1?= =?utf-8?Q?=BB=87t?= Re: [x] Fwd: (fwd)",
    b"=?iso-2022-jp?B?GyRCJCIbKEI=?= =?utf-7?Q?+AGE-?= =?hz?Q?~{?= =?windows-1258?Q?=EA=F2?=",
    b"text/plain; charset=utf-8; name*0*=utf-8''%E1%BB; name*1*=%87; name*2=\"x\"",
    b'multipart/mixed (c) ; boundary="a\\"b"; boundary=c',
    b"attachment; filename=\"=?utf-8?B?Vmnhu4d0?=.pdf\"; filename*=UTF-8'vi'Vi%E1%BB%87t.pdf",
    b"attachment; filename=a b c.doc; size=1; x*3=a; x*0=b; x*1*=''",
    b"<a@b> <c@d>\r\n <e@f> junk <<g>>",
]
TARGET = Target(
    about="header blocks, encoded words, Content-Type and Content-Disposition, identifiers, subjects",
    check=check,
    seeds=lambda: SEEDS,
    words="headers",
    longest=1024,
)
