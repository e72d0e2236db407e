"""Lists of odd values, as met in real mail and in attacks."""

from __future__ import annotations

# fmt: off
# Labels of charsets that are none, or not what the text is in.
CHARSETS = [
    b"us-ascii", b"utf-8", b"utf-16", b"utf-32", b"windows-1258", b"iso-8859-1", b"gb2312", b"shift_jis",
    b"iso-2022-kr", b"hz", b"utf-7", b"klingon", b"unicode_escape", b"zip", b'"utf-8', b"utf-8; charset=utf-16", b"",
    b"x" * 200,
]

# Values of Content-Type.
TYPES = [
    b"text", b"text/", b"/plain", b"text/plain/x", b"text plain", b"", b";", b"TEXT/PLAIN;;;", b"text/(c)plain",
    b"multipart", b"*/*", b"=?utf-8?q?text/html;_charset=3Dutf-8?=", b"text/plain; charset", b"text/plain; =x",
    b'text/plain; a="b', b"t\xebxt/plain", b"message/",
]

# Parameters of Content-Type and, behind "file", of Content-Disposition.
PARAMETERS = [
    b"name*0*=utf-8''%E1%BB", b"name*1*=%87.txt", b"name*3=gap", b"name*00=x", b"name*=utf-8'vi'%", b"name*=''",
    b"name*=%E9", b"name*x=1", b'name="a\\"b.txt"', b"name=a b c.doc", b'name="=?utf-8?B?Vmnhu4d0?=.doc"',
    b"name=../../etc/passwd", b"name=" + b"x" * 3000, b"name", b"charset*=us-ascii''utf-8", b"name=\xe1\xbb\x87.txt",
    b"(c) name=c", b"name=\0.txt", b"name*999999=x", b"name=.", b'name=""',
]

# Fields that describe a part.
DESCRIPTIONS = [
    b"Content-ID: a@b", b"Content-ID: <>", b"Content-Description: =?utf-8?B?Vmnhu4d0?=",
    b"Content-Language: vi, en (c), \xff", b"Content-Location: a b\\\"c", b"Content-MD5: !!",
    b"Content-Description:\n a\n b", b"Content-Language: ()", b"Content-ID: \xff\0",
]

# Mailboxes, groups, and what people write for them.
ADDRESSES = [
    b"an@x.vn", b'"Nguyen, An" <an@x.vn>', b"An (c\xf4ng an (ca)) <an@x.vn>", b"an@x.vn (An)", b"G: a@b, c@d;",
    b"G:;", b"a@b;", b"undisclosed-recipients:;", b"<@one.vn,@two.vn:a@b.vn>", b"a . b @ c . d", b'"a b"@c',
    b'"a\\"b\\\\"@c', b"a@[192.0.2.1]", b"a@[IPv6:::1]", b"<a@b", b"a@b>", b'"open <a@b>', b"(open a@b", b"a@b@c",
    b"@", b"<>", b",,,", b"a b c", b"G: H: a@b;;", b"mailto:a@b", b"=?utf-8?B?Vmnhu4d0?= <a@b>",
    b'"=?utf-8?B?Vmnhu4d0?=" <a@b>', b"=?utf-8?q?a=40b?=", b"\xc4\x91\xc3\xa0@t\xe1\xbb\x89nh.vn", b"<a@b> <c@d>",
    b"\\", b"a@b\0c", b"[a", b"a@" + b"b." * 120 + b"vn",
]

# Values of Date.
DATES = [
    b"Thu, 4 Jan 2024 10:00:00 +0700", b"4 Jan 24 10:00 ICT", b"Thu Jan  4 10:00:00 2024", b"2024-01-04T10:00:00Z",
    b"Thu, 32 Jan 2024 10:00:00 +0700", b"Fri, 4 Jan 124 10:00:00 +0700", b"Thu, 4 Jan 2024 25:61:61 +0700",
    b"Thu, 4 Jan 2024 10:00:00 +9999", b"4 Jan (Thursday) 2024 10:00:00 GMT", b"Thu, 4 Jan 1899 10:00:00 +0000",
    b"Thu, 4 Jan 99999 10:00:00", b"", b"yesterday", b"04/01/2024 10:00",
    b"Thu ,\r\n 4\r\n Jan\r\n 2024 10 : 00 : 00 +0700", "Thứ năm, 4 tháng 1 2024".encode(), b"1" * 300, b"\0",
]

# (the boundary as written in Content-Type, as it is in the delimiter lines)
BOUNDARIES = [
    (b"", b""), (b'""', b""), (b"a b", b"a"), (b'"a b"', b"a b"), (b'"a\\"b"', b'a"b'), (b"a(c)", b"a"),
    (b"a; boundary=b", b"b"), (b"'a'", b"'a'"), (b'"a', b"a"), (b"=?utf-8?q?a?=", b"a"), (b"\xff", b"\xff"),
    (b'"' + b"x" * 1500 + b'"', b"x" * 1500), (b'"a "', b"a"), (b"a\r\n b", b"a"),
]
# fmt: on
