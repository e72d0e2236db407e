"""Nonsense sent to the pages: 4xx, never 5xx."""

from __future__ import annotations

import contextlib

import pytest

from tests.e2e.bad_input.doors import Office, joined, talk
from tests.e2e.webvisitor import WebVisitor

HUGE = "x" * 2_000_000
TRAVERSALS = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//etc/passwd",
    "%00",
    "%ff",
]
BAD_NUMBERS = ["0", "-1", "99999999999999999999999999", "1e3", "1%00", "%C3%A1", "1.5", "%D9%A3", "9" * 5000]


@pytest.fixture(scope="module")
def visitor(office: Office) -> WebVisitor:
    return office.web()


@pytest.fixture(scope="module")
def inbox(visitor: WebVisitor) -> str:
    """The path of the inbox's page."""
    return visitor.get("/thu/").headers["location"]


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_an_id_that_is_none_is_not_found(visitor: WebVisitor, number: str) -> None:
    for path in (
        f"/thu/{number}",
        f"/thu/{number}/1",
        f"/thu/1/{number}/noi-dung",
        f"/thu/1/{number}/tep/{number}",
        f"/thu/thu-muc/{number}",
        f"/van-ban/{number}",
        f"/van-ban/{number}/tep/{number}",
        f"/van-ban/cho-vao-so/{number}/{number}",
        f"/van-ban/1/tep/1/trang/{number}/{number}.jpg",
        f"/ho-so/{number}",
    ):
        assert visitor.get(path).status in (400, 403, 404), path
    for path in (
        f"/thu/soan?tra_loi={number}.{number}",
        f"/thu/soan?nhap={number}&hop={number}",
        f"/so/den?nam={number}&trang={number}",
        f"/bao-cao?tu={number}&den={number}",
        f"/bao-cao/danh-sach?so={number}&don_vi={number}",
        f"/thu/?trang={number}&truoc={number}&q={number}",
        f"/tim?q={number}",
    ):
        assert visitor.get(path).status < 500, path


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_leads_out_of_its_folder(visitor: WebVisitor, inbox: str, name: str) -> None:
    for path in (f"/static/{name}", f"{inbox}/1/tep/{name}", f"{inbox}/1/xem/{name}", f"{inbox}/1/{name}", f"/{name}"):
        answer = visitor.get(path)
        assert answer.status in (400, 404, 405), path
        assert b"root:" not in answer.body


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "a\0b", "/etc/passwd", "x" * 5000, "", "\u200ffdp.txt"]
)
def test_an_uploaded_name_is_a_name_only(office: Office, visitor: WebVisitor, name: str) -> None:
    assert visitor.post("/thu/soan/cho-hoan-tac", {"seconds": "0"}).status == 303
    fields = {"to": office.address, "subject": "tệp", "text": "x", "identity": office.address, "do": "send"}
    sent = visitor.upload("/thu/soan", fields, "files", [(name, b"octets")])
    assert sent.status in (303, 400, 422), sent.text[:300]
    if sent.status == 303:
        client = office.imap()
        newest = client.select("INBOX", readonly=True)[1][0].decode()
        line = joined(client.fetch(newest, "(BODYSTRUCTURE)")[1])
        assert b"attachment" in line or not name
        assert b"/" not in line and b"\\" not in line
        client.logout()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND", "TRACE", "BREW"])
def test_a_wrong_method_is_refused(visitor: WebVisitor, method: str) -> None:
    for path in ("/", "/thu/", "/dang-nhap", "/healthz", "/events", "/static/css/base.css"):
        assert 400 <= visitor.ask(method, path).status < 500, path


@pytest.mark.parametrize("value", ["", "x", "x" * 8000, '"', "%00", "e30.x.y", "a=b; c", "\x01", "á"])
def test_a_bad_cookie_is_no_session(office: Office, visitor: WebVisitor, value: str) -> None:
    for name in visitor.cookies:
        stranger = WebVisitor(office.product.ports.web, {name: value.encode().decode("latin-1")})
        for path in ("/viec", "/dang-nhap", "/events"):
            assert stranger.get(path).status < 500, path
        assert stranger.get("/viec").status in (303, 400)


def test_forms_of_nonsense_are_refused(office: Office, visitor: WebVisitor, inbox: str) -> None:
    forms: list[tuple[str, dict[str, str]]] = [
        ("/thu/soan", {"to": HUGE, "subject": HUGE, "text": "x", "identity": office.address}),
        ("/thu/soan", {"to": "a@b\r\nBcc: c@d.test", "subject": "a\r\nX-Injected: yes", "identity": office.address}),
        (
            "/thu/soan",
            {"to": "\0", "subject": "\0", "text": "\0", "do": "\0"},
        ),
        ("/thu/soan", {"carry": "9.9.9", "draft": "x.y", "answers": "1.99999999999999999999", "do": "autosave"}),
        (f"{inbox}/viec", {"do": "move", "uid": "1", "to": "99999999999999999999999"}),
        (f"{inbox}/viec", {"do": HUGE[:100_000], "uid": "x"}),
        (f"{inbox}/viec", {"uid": "99999999999999999999999", "do": "delete"}),
        ("/tai-khoan/mat-khau-ung-dung", {"label": HUGE}),
        ("/tai-khoan/ngon-ngu", {"locale": "../../etc"}),
        ("/tai-khoan/phien/zzzz/dong", {}),
        ("/doi-mat-khau", {"current": HUGE, "new": "\0", "again": HUGE}),
        ("/dang-nhap", {"login": HUGE, "password": HUGE}),
        ("/dang-nhap", {"login": "\0' OR 1=1 --", "password": "\0"}),
        ("/ho-so", {"title": "\0"}),
        ("/van-ban/1/y-kien", {"text": "\0"}),
    ]
    for path, fields in forms:
        answer = visitor.post(path, fields)
        assert answer.status in (303, 400, 404, 409, 413, 422), (path, answer.status)
        assert "X-Injected" not in answer.headers


def test_requests_that_are_no_requests_are_refused(office: Office, visitor: WebVisitor) -> None:
    form = {"Content_Type": "multipart/form-data; boundary=x"}
    bodies: list[tuple[bytes, dict[str, str]]] = [
        (b'--x\r\nContent-Disposition: form-data; name="csrf_token', form),
        (b"--x\r\n" * 100_000, form),
        (b"\xff" * 1000, {"Content_Type": "application/x-www-form-urlencoded"}),
        (b"&".join(b"a%d=1" % n for n in range(50_000)), {"Content_Type": "application/x-www-form-urlencoded"}),
        (b"{}", {"Content_Type": "application/json"}),
        (b"x", {"Content_Type": "multipart/form-data"}),
    ]
    for body, headers in bodies:
        assert 400 <= visitor.ask("POST", "/thu/soan", body, **headers).status < 500
    for octets in (
        b"\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"/x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"EHLO x\r\n\r\n",
    ):
        with talk(office.product.ports.web) as peer:
            with contextlib.suppress(ConnectionError):
                peer.send(octets)
            assert not peer.line().startswith(b"HTTP/1.1 5")
    assert visitor.get("/viec").status == 200
