"""Classes of awkward containers. Each puts an entity (fields, empty line, body) into another one."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.support.awkward.entities import entity
from tests.support.awkward.oddities import BOUNDARIES

Wrap = Callable[[Random, bytes], bytes]


def _boundary(chance: Random) -> bytes:
    return b"=_%d" % chance.getrandbits(40)


def _opening(kind: bytes, boundary: bytes) -> bytes:
    return b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'


def mixed(chance: Random, inner: bytes) -> bytes:
    b = _boundary(chance)
    kind = chance.choice([b"mixed", b"alternative", b"related", b"appledouble", b"form-data", b"x-unknown"])
    return _opening(kind, b) + b"--" + b + b"\r\n\r\nfirst\r\n--" + b + b"\r\n" + inner + b"\r\n--" + b + b"--\r\n"


def preamble(chance: Random, inner: bytes) -> bytes:
    b = _boundary(chance)
    around = chance.choice(
        [
            b"This is MIME.\r\n",
            b"-- \r\n--\r\n",
            b"--" + b[:-1] + b"\r\n",
            b"\r\n\r\n",
            b"Content-Type: text/html\r\n\r\n",
        ]
    )
    return (
        _opening(b"mixed", b)
        + around
        + b"--"
        + b
        + b"\r\n"
        + inner
        + b"\r\n--"
        + b
        + b"--\r\n"
        + around
        + b"--"
        + b
        + b"\r\n\r\nlate\r\n"
    )


def unterminated(chance: Random, inner: bytes) -> bytes:
    b = _boundary(chance)
    return (
        _opening(b"mixed", b)
        + b"--"
        + b
        + b"\r\n"
        + inner
        + chance.choice([b"", b"\r\n", b"\r\n--", b"\r\n--" + b, b"\r\n--" + b[:4]])
    )


def same_boundary(chance: Random, inner: bytes) -> bytes:
    """An inner multipart that has the outer one's boundary."""
    again = _opening(b"alternative", b"same") + b"--same\r\n" + inner + b"\r\n--same--\r\n"
    return _opening(b"mixed", b"same") + b"--same\r\n" + again + b"\r\n--same" + chance.choice([b"", b"--"]) + b"\r\n"


def prefix_boundary(chance: Random, inner: bytes) -> bytes:
    """An inner boundary that begins like the outer one, and the other way round."""
    outer, within = chance.choice([(b"=_a", b"=_a_1"), (b"=_a_1", b"=_a"), (b"=_a", b"=_a--"), (b"=_a ", b"=_a")])
    again = _opening(b"alternative", within) + b"--" + within + b"\r\n" + inner + b"\r\n--" + within + b"--\r\n"
    return _opening(b"mixed", outer) + b"--" + outer + b"\r\n" + again + b"\r\n--" + outer + b"--\r\n"


def crossed(chance: Random, inner: bytes) -> bytes:
    """The outer multipart ends while the inner one is open, which then goes on."""
    again = _opening(b"mixed", b"in") + b"--in\r\n" + inner
    return (
        _opening(b"mixed", b"out")
        + b"--out\r\n"
        + again
        + b"\r\n--out--\r\n--in\r\n\r\nlost\r\n--in--\r\n" * chance.randint(1, 3)
    )


def odd_boundary(chance: Random, inner: bytes) -> bytes:
    value, line = chance.choice(BOUNDARIES)
    name = chance.choice([b"boundary", b"BOUNDARY", b"boundary*", b"boundary*0", b"boundary "])
    head = b"Content-Type: multipart/mixed; " + name + b"=" + value + b"\r\n\r\n"
    return head + b"--" + line + b"\r\n" + inner + b"\r\n--" + line + b"--\r\n"


def odd_delimiters(chance: Random, inner: bytes) -> bytes:
    behind = chance.choice([b" ", b"\t \t", b" junk", b"\x0b", b"\0", b"-", b"--junk"])
    line_end = chance.choice([b"\r\n", b"\n", b"\r\r\n", b"\r"])
    return (
        _opening(b"mixed", b"b")
        + b"--b"
        + behind
        + line_end
        + inner
        + line_end
        + b"--b"
        + behind
        + line_end
        + b"--b--"
        + behind
    )


def no_parts(chance: Random, inner: bytes) -> bytes:
    b = _boundary(chance)
    return _opening(b"mixed", b) + chance.choice(
        [inner, b"--" + b + b"--\r\n", b"--" + b, b"", (b"--" + b + b"\r\n") * 5]
    )


def digest(chance: Random, inner: bytes) -> bytes:
    part = b"--d\r\n\r\nSubject: in\r\n" + inner
    return _opening(b"digest", b"d") + (part + b"\r\n") * chance.randint(1, 3) + b"--d--\r\n"


def embedded(chance: Random, inner: bytes) -> bytes:
    kind = chance.choice([b"rfc822", b"RFC822", b"global", b"news", b"rfc822; name=a.eml"])
    coded = chance.choice(
        [b"", b"\nContent-Transfer-Encoding: base64", b"\nContent-Disposition: attachment; filename=a.eml"]
    )
    return entity(
        b"Content-Type: message/" + kind + coded,
        chance.choice([b"", b"From: in@x.vn\r\nSubject: within\r\n", b"\r\n"]) + inner,
    )


def signed(chance: Random, inner: bytes) -> bytes:
    head = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"\r\n\r\n'
    )
    kind = b"Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64"
    signature = entity(kind, b"MIAGCSqG\r\n")
    return head + b"--s\r\n" + inner + b"\r\n--s\r\n" + signature * chance.randint(0, 2) + b"--s--\r\n"


def deep(chance: Random, inner: bytes) -> bytes:
    levels = chance.choice([10, 99, 100, 101, 200])
    kind = chance.randrange(2)
    for level in range(levels):
        if kind:
            inner = b"Content-Type: message/rfc822\r\n\r\n" + inner
        else:
            inner = b"Content-Type: multipart/mixed; boundary=b%d.\r\n\r\n--b%d.\r\n" % (level, level) + inner
    return inner


WRAPPERS: dict[str, Wrap] = {
    "multipart": mixed,
    "preamble and epilogue": preamble,
    "missing terminator": unterminated,
    "same boundary twice": same_boundary,
    "boundaries that begin alike": prefix_boundary,
    "crossed boundaries": crossed,
    "odd boundary": odd_boundary,
    "odd delimiters": odd_delimiters,
    "multipart without parts": no_parts,
    "digest": digest,
    "embedded message": embedded,
    "multipart/signed": signed,
    "deep nesting": deep,
}
