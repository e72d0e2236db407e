"""Classes of awkward header fields. Each gives whole fields, with their line ends."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from random import Random

from tests.support.awkward.oddities import ADDRESSES, DATES

VIETNAMESE = "Kính gửi: Ủy ban nhân dân tỉnh, về việc nghỉ lễ Quốc khánh"
# "Công văn đến" in TCVN3 (ABC) and in VNI, the fonts of the nineties that old forms still carry.
TCVN3 = b"C\xabng v\xa8n \xae\xd5n"
VNI = b"Co\xe2ng va\xean \xf1e\xe1n"
FROM = b"From: An <an@x.vn>\r\n"


def _text(chance: Random) -> str:
    words = VIETNAMESE.split()
    chance.shuffle(words)
    return " ".join(words[: chance.randint(1, len(words))])


def _word(chance: Random, raw: bytes, charset: bytes) -> bytes:
    if chance.random() < 0.5:
        return b"=?" + charset + b"?B?" + b64encode(raw) + b"?="
    return b"=?" + charset + b"?q?" + b"".join(b"=%02X" % octet for octet in raw) + b"?="


def plain(chance: Random) -> bytes:
    return FROM + b"To: binh@x.vn\r\nSubject: %d\r\nMessage-ID: <%d@x>\r\n" % (
        chance.getrandbits(30),
        chance.getrandbits(60),
    )


def encoded_words(chance: Random) -> bytes:
    charset = chance.choice(
        [b"utf-8", b"UTF-8*vi", b"windows-1258", b"iso-8859-1", b"utf-7", b"klingon", b"hz", b"punycode"]
    )
    return FROM + b"Subject: " + _word(chance, _text(chance).encode(), charset) + b"\r\n"


def words_broken_across_lines(chance: Random) -> bytes:
    raw = _text(chance).encode()
    at = chance.randrange(len(raw))
    fold = chance.choice([b"\r\n ", b" ", b"", b"\r\n\t", b"\r\n  \r\n "])
    word = _word(chance, raw, b"utf-8")
    split = chance.randrange(len(word))
    return (
        FROM + b"Subject: " + _word(chance, raw[:at], b"utf-8") + fold + _word(chance, raw[at:], b"utf-8") + b"\r\n"
        b"X-Broken: " + word[:split] + b"\r\n " + word[split:] + b"\r\n"
    )


def bad_encoded_words(chance: Random) -> bytes:
    bad = [
        b"=?",
        b"=?utf-8?",
        b"=?utf-8?x?a?=",
        b"=?utf-8?b?!!!?=",
        b"=?utf-8?b?A?=",
        b"=??q?a?=",
        b"=?utf-8?q?=ZZ?=",
        b"?=",
    ]
    return FROM + b"Subject: " + b" ".join(chance.choices(bad, k=chance.randint(1, 9))) + b"\r\n"


def raw_octets(chance: Random) -> bytes:
    raw = chance.choice(
        [_text(chance).encode(), TCVN3, VNI, _text(chance).encode("cp1258", "replace"), b"caf\xe9", b"\xff\xfe\x80"]
    )
    return b"From: " + raw + b" <an@x.vn>\r\nSubject: " + raw + b"\r\nTo: \xc4\x91@x.vn\r\n"


def octets_in_encoded_words(chance: Random) -> bytes:
    inside = chance.choice([b"a=00b", b"=0D=0AX-Injected:_yes", b"=ED=A0=80", b"=E2=80=AE", b"=1B[31m"])
    return b"From: =?utf-8?q?" + inside + b"?= <a@b>\r\nSubject: =?utf-8?q?" + inside + b"?=\r\n"


def folded(chance: Random) -> bytes:
    fold = chance.choice([b"\r\n ", b"\r\n\t", b"\r\n \t ", b"\r\n \r\n ", b"\r\n\t\r\n\t\r\n ", b"\n "])
    return FROM.replace(b" ", fold) + b"Subject:" + fold + b"a" + fold * chance.randint(1, 30) + b"b\r\n"


def colons(chance: Random) -> bytes:
    lines = [
        b"Subject : a",
        b"Subject\t: a",
        b": empty name",
        b"no colon here",
        b"=?utf-8?q?X?=: a",
        b"From:",
        b"Subject:",
        b"a\0b: c",
    ]
    return FROM + b"".join(line + b"\r\n" for line in chance.choices(lines, k=chance.randint(1, 8)))


def repeated(chance: Random) -> bytes:
    fields = [
        b"From: c@d",
        b"Subject: again",
        b"Date: Thu, 4 Jan 2024 10:00:00 +0700",
        b"Message-ID: <a@b>",
        b"To: e@f",
        b"Sender: g@h",
    ]
    return FROM + b"".join(field + b"\r\n" for field in chance.choices(fields, k=chance.randint(2, 12)))


def no_author(chance: Random) -> bytes:
    return chance.choice([b"", b"From: \r\n", b"From: <>\r\n", b"From: ;\r\n", b"From: @\r\n"]) + b"Subject: nobody\r\n"


def addresses(chance: Random) -> bytes:
    def some() -> bytes:
        return chance.choice([b", ", b",", b",\r\n ", b"; "]).join(chance.choices(ADDRESSES, k=chance.randint(1, 6)))

    names = chance.sample([b"From", b"Sender", b"Reply-To", b"To", b"Cc", b"Bcc", b"Resent-To"], 4)
    return b"".join(name + b": " + some() + b"\r\n" for name in names)


def dates(chance: Random) -> bytes:
    return FROM + b"Date: " + chance.choice(DATES) + b"\r\nSubject: when\r\n"


def identifiers(chance: Random) -> bytes:
    odd = [
        b"<a@b>",
        b"<a\r\n b@c>",
        b"<>",
        b"<<a@b>>",
        b"a@b",
        b"<a b>",
        b"<" + b"x" * 2000 + b"@y>",
        b"(c) <a@b>",
        b"<\xff@\xfe>",
        b"<a@b",
    ]
    chosen = [b" ".join(chance.choices(odd, k=chance.randint(1, 5))) for _ in range(3)]
    return FROM + b"Message-ID: %b\r\nIn-Reply-To: %b\r\nReferences: %b\r\n" % tuple(chosen)


def resent(chance: Random) -> bytes:
    block = b"Resent-From: b@c\r\nResent-Date: Thu, 4 Jan 2024 10:00:00 +0700\r\nResent-Message-ID: <r@s>\r\n"
    return block * chance.randint(1, 4) + FROM + b"Subject: forwarded on\r\n"


def subjects(chance: Random) -> bytes:
    pieces = [
        "Re: ",
        "RE[2]: ",
        "Fwd: ",
        "[x] ",
        "[fwd: ",
        "]",
        "(fwd)",
        "TL: ",
        "Trả lời: ",
        "\u202e",
        "\u0301" * 40,
        "  ",
        "a",
    ]
    return FROM + b"Subject: " + "".join(chance.choices(pieces, k=chance.randint(1, 20))).encode() + b"\r\n"


def only_blanks(chance: Random) -> bytes:
    return FROM + b"Subject: \r\n \r\n\t\r\n  \t\r\n" + b"X-A:\r\n \r\n" * chance.randint(1, 5)


HEADERS: dict[str, Callable[[Random], bytes]] = {
    "plain heading": plain,
    "encoded words": encoded_words,
    "encoded words broken across lines": words_broken_across_lines,
    "bad encoded words": bad_encoded_words,
    "raw octets in the heading": raw_octets,
    "controls in encoded words": octets_in_encoded_words,
    "odd folds": folded,
    "odd colons": colons,
    "repeated fields": repeated,
    "no author": no_author,
    "odd addresses": addresses,
    "odd dates": dates,
    "odd identifiers": identifiers,
    "resent": resent,
    "odd subjects": subjects,
    "fields of blanks": only_blanks,
}
