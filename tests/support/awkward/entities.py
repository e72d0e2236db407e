"""Classes of awkward contents. Each gives Content-… fields, an empty line and a body."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from quopri import encodestring
from random import Random

from tests.support.awkward.headers import TCVN3, VIETNAMESE, VNI
from tests.support.awkward.oddities import CHARSETS, DESCRIPTIONS, PARAMETERS, TYPES

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj\n%%EOF\n"


def entity(fields: bytes, body: bytes) -> bytes:
    """fields: with LF between them, without one at the end."""
    return fields.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def lines(raw: bytes, width: int = 76) -> bytes:
    text = b64encode(raw)
    return b"".join(text[at : at + width] + b"\r\n" for at in range(0, len(text), width))


def plain(chance: Random) -> bytes:
    return entity(b"Content-Type: text/plain; charset=utf-8", VIETNAMESE.encode() + b"\r\n" * chance.randint(0, 3))


def no_type(chance: Random) -> bytes:
    return b"\r\n" + chance.choice([b"", b"a", b"hello\r\n", TCVN3, b"\r\n" * 5])


def charset_lies(chance: Random) -> bytes:
    label = chance.choice(CHARSETS)
    body = chance.choice(
        [VIETNAMESE.encode(), VIETNAMESE.encode("cp1258", "replace"), VIETNAMESE.encode("utf-16"), TCVN3, VNI, b"+2AA-"]
    )
    return entity(b"Content-Type: text/plain; charset=" + label + b"\nContent-Transfer-Encoding: 8bit", body)


def odd_types(chance: Random) -> bytes:
    value = chance.choice(TYPES)
    return entity(b"Content-Type: " + value, b"odd\r\n")


def two_types(chance: Random) -> bytes:
    fields = [
        b"Content-Type: text/html",
        b"Content-Type: text/plain",
        b"Content-type: multipart/mixed; boundary=b",
        b"Content-Transfer-Encoding: base64",
    ]
    return entity(b"\n".join(chance.choices(fields, k=3)), b"--b\r\n\r\neA==\r\n--b--\r\n")


def odd_parameters(chance: Random) -> bytes:
    odd = PARAMETERS
    value = chance.choice([b"; ", b";", b";\n\t", b" ; "]).join(chance.sample(odd, chance.randint(1, 6)))
    shown = chance.choice([b"attachment", b"inline", b"", b"ATTACHMENT", b"x-odd", b'"attachment"']) + b"; file" + value
    return entity(b"Content-Type: application/pdf; " + value + b"\nContent-Disposition: " + shown, PDF)


def base64_garbage(chance: Random) -> bytes:
    good = lines(chance.randbytes(200), chance.choice([4, 60, 76, 998]))
    at = chance.randrange(len(good))
    odd = chance.choice([b"", b"!!!", b"====", b"\r\n\r\n", b"A", b" ", b"\xff", b"eA==\r\n"])
    return entity(
        b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64", good[:at] + odd + good[at:]
    )


def quoted_printable(chance: Random) -> bytes:
    good = encodestring(VIETNAMESE.encode() * 3).replace(b"\n", b"\r\n")
    end = chance.choice([b"=\r\n", b"=", b"=E", b"=\r\n=\r\n", b"=ZZ", b" \r\n", b"=20=\r\n", b"=\n"])
    return entity(b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: Quoted-Printable", good + end)


def uuencoded(chance: Random) -> bytes:
    body = b"begin 644 a.txt\r\n#86)C\r\n" + chance.choice([b"`\r\nend\r\n", b"M" * 70 + b"\r\n", b"\xff\r\n", b""])
    label = chance.choice([b"x-uuencode", b"uuencode", b"7bit"])
    return entity(b"Content-Type: text/plain\nContent-Transfer-Encoding: " + label, b"before\r\n" + body)


def odd_encodings(chance: Random) -> bytes:
    value = chance.choice(
        [
            b"",
            b"base65",
            b"7bit; x",
            b'"base64"',
            b"(c) base64",
            b"BASE64\n\t",
            b"8bit 7bit",
            b"\xff",
            b"quoted-printable;",
        ]
    )
    return entity(b"Content-Type: text/plain\nContent-Transfer-Encoding: " + value, b"eA==\r\n")


def flowed(chance: Random) -> bytes:
    yes = chance.choice([b"yes", b"no", b"YES"])
    return entity(
        b"Content-Type: text/plain; format=flowed; delsp=" + yes, b"> quoted \r\n> text\r\n  -- \r\nsig \r\n" * 3
    )


def html(chance: Random) -> bytes:
    pieces = [
        b"<p>a",
        b"<script>",
        b"<style>",
        b"<!--",
        b"&#7879;",
        b"&#xD800;",
        b"&#1114112;",
        b"&nbsp",
        b"<a href='x",
        b"</p></p>",
        b"\0",
        b"<![CDATA[",
    ]
    return entity(b"Content-Type: text/html", b"".join(chance.choices(pieces, k=30)))


def calendar(chance: Random) -> bytes:
    body = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:"
        + VIETNAMESE.encode()
        + b"\r\nEND:VCALENDAR\r\n"
    )
    return entity(
        b'Content-Type: text/calendar; charset="utf-8"; method=REQUEST; component=VEVENT', body * chance.randint(1, 2)
    )


def winmail(chance: Random) -> bytes:
    return entity(
        b'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64',
        lines(b"\x78\x9f\x3e\x22" + chance.randbytes(90)),
    )


def smime(chance: Random) -> bytes:
    kind = chance.choice([b"signed-data", b"enveloped-data", b"compressed-data"])
    return entity(
        b"Content-Type: application/pkcs7-mime; smime-type=" + kind + b'; name="smime.p7m"\n'
        b'Content-Disposition: attachment; filename="smime.p7m"\nContent-Transfer-Encoding: base64',
        lines(b"\x30\x80" + chance.randbytes(60)),
    )


def external_body(chance: Random) -> bytes:
    access = chance.choice(
        [b"anon-ftp; site=x.vn; name=a", b'URL; URL="file:///etc/passwd"', b"local-file; name=/etc/passwd", b""]
    )
    return entity(
        b"Content-Type: message/external-body; access-type=" + access,
        b"Content-Type: text/plain\r\nContent-ID: <a@b>\r\n\r\n",
    )


def partial(chance: Random) -> bytes:
    return entity(
        b'Content-Type: message/partial; id="a@b"; number=%d; total=3' % chance.randint(-1, 9),
        b"Subject: in\r\n\r\nhalf",
    )


def report(chance: Random) -> bytes:
    kind = chance.choice(
        [b"delivery-status", b"disposition-notification", b"global-delivery-status", b"feedback-report"]
    )
    return entity(
        b"Content-Type: message/" + kind,
        b"Reporting-MTA: dns; x.vn\r\n\r\nFinal-Recipient: rfc822; a@b\r\nStatus: 5.0.0\r\n\r\n",
    )


def empty(chance: Random) -> bytes:
    kind = chance.choice(
        [
            b"application/pdf; name=leer.pdf",
            b"text/plain",
            b"message/rfc822",
            b"multipart/mixed; boundary=b",
            b"image/png",
        ]
    )
    return b"Content-Type: " + kind + b"\r\n" + chance.choice([b"", b"\r\n", b"\r\n\r\n"])


def described(chance: Random) -> bytes:
    odd = DESCRIPTIONS
    return entity(b"Content-Type: image/png\n" + b"\n".join(chance.sample(odd, 5)), chance.randbytes(40))


ENTITIES: dict[str, Callable[[Random], bytes]] = {
    "plain text": plain,
    "no type": no_type,
    "charset lies": charset_lies,
    "odd types": odd_types,
    "two types": two_types,
    "odd parameters": odd_parameters,
    "base64 garbage": base64_garbage,
    "soft breaks at the end": quoted_printable,
    "uuencode": uuencoded,
    "odd encodings": odd_encodings,
    "format=flowed": flowed,
    "broken HTML": html,
    "calendar": calendar,
    "winmail.dat": winmail,
    "S/MIME": smime,
    "message/external-body": external_body,
    "message/partial": partial,
    "reports": report,
    "empty contents": empty,
    "odd descriptions": described,
}
