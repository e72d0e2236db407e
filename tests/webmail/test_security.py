"""Every route of the application, whatever is added: headers, sign-in, anti-forgery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.routing.world import World
from tests.webmail.visitor import Visitor
from webmail.security import ALWAYS, PAGE_CSP

# What mail programs ask by themselves, and the page that helps to set them up.
SET_UP = {"clients.guide", "clients.profile", "discovery.thunderbird", "discovery.outlook", "discovery.outlook_pointer"}
# Asked by the mail servers of other domains, under a name of its own.
POLICY = "discovery.transport_policy"
# Original senders may be anybody: who has the link from the mail may answer.
CONSENT = {"consent.show", "consent.answer"}
# Before a sign-in, and instead of one.
DOOR = {
    "auth.sign_in",
    "auth.sign_in_post",
    "auth.forgotten",
    "auth.forgotten_post",
    "auth.code_post",
    "auth.lost_post",
    "auth.passkey_ask",
    "auth.passkey_sign_in",
    "auth.ask_second",
    "auth.second_post",
}
# Browsers ask it before anybody is there (WebAuthn-3 §5.11.1).
ORIGINS = "auth.passkey_origins"
# Links that people outside have to files.
LINKS = {"outside.show", "outside.take", "outside.fetch"}
PUBLIC = {*DOOR, *LINKS, ORIGINS, "health.healthz", "health.metrics", "static", POLICY, *SET_UP, *CONSENT}
# A question that changes nothing, from programs that have no page of ours; and a form that takes no cookie.
WITHOUT_TOKEN = {"discovery.outlook", "outside.take"}
VALUES = {
    "path": "css/base.css",
    "autodiscover_xml": "autodiscover/autodiscover.xml",
    "autodiscover_json": "autodiscover/autodiscover.json",
}


def filled(rule: Rule) -> str:
    """The rule's path with harmless arguments."""
    path = rule.rule
    for name, converter in rule._converters.items():
        kind = rule.rule.partition(f":{name}>")[0].rpartition("<")[2] if f":{name}>" in rule.rule else ""
        value = VALUES.get(kind, "1")
        path = path.replace(f"<{kind}:{name}>" if kind else f"<{name}>", value)
        assert converter is not None
    return path


def rules(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.methods and method in rule.methods:
            yield rule.endpoint, filled(rule)


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_answer_has_the_headers(app: Flask, signed_in: bool) -> None:
    visitor = Visitor(app).signed_in("truongpk") if signed_in else Visitor(app)
    for endpoint, path in rules(app, "GET"):
        answer = visitor.get(path)
        assert answer.status_code < 500, (endpoint, answer.status_code)
        for name, value in ALWAYS.items():
            if name != "Referrer-Policy":
                assert answer.headers[name] == value, endpoint
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, endpoint
        assert "frame-ancestors" in policy, endpoint
        expected = "public, max-age=3600" if endpoint == "static" else "no-store"
        assert answer.headers["Cache-Control"] == expected, endpoint
        answer.close()


def test_the_policy_of_pages_allows_no_inline_and_no_foreign_code() -> None:
    assert "default-src 'none'" in PAGE_CSP
    assert "script-src 'self';" in PAGE_CSP
    assert "style-src 'self';" in PAGE_CSP
    assert "unsafe" not in PAGE_CSP and "http" not in PAGE_CSP


def test_everything_but_the_door_itself_needs_a_sign_in(stranger: Visitor, app: Flask) -> None:
    for endpoint, path in rules(app, "GET"):
        if endpoint not in PUBLIC:
            answer = stranger.get(path)
            assert answer.status_code == 303 and answer.location.startswith("/dang-nhap"), endpoint
    for endpoint, path in rules(app, "POST"):
        if endpoint not in PUBLIC:
            answer = stranger.post(path)
            assert answer.status_code == 303 and answer.location.startswith("/dang-nhap"), endpoint


def test_no_form_is_taken_without_its_token(director: Visitor, app: Flask) -> None:
    seen = 0
    for endpoint, path in rules(app, "POST"):
        for token in ("", "nonsense") if endpoint not in WITHOUT_TOKEN else ():
            assert director.post(path, token=token).status_code == 400, endpoint
        seen += 1
    assert seen >= 20


def test_a_token_of_another_visitor_is_worthless(director: Visitor, clerk: Visitor) -> None:
    assert director.post("/tai-khoan/phien/dong-het", token=clerk.token()).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_a_token(clerk: Visitor, headers: dict[str, str]) -> None:
    data = {"csrf_token": clerk.token(), "locale": "en"}
    assert clerk.client.post("/tai-khoan/ngon-ngu", data=data, headers=headers).status_code == 403
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert clerk.client.post("/tai-khoan/ngon-ngu", data=data, headers=own).status_code == 303


def test_reading_never_changes_and_odd_methods_are_refused(director: Visitor, app: Flask) -> None:
    for endpoint, path in rules(app, "POST"):
        if not any(path == other for _e, other in rules(app, "GET")):
            assert director.get(path).status_code == 405, endpoint
    assert director.client.open("/viec", method="PROPFIND").status_code in (400, 405)


def test_a_tampered_cookie_is_a_sign_out(director: Visitor) -> None:
    director.client.set_cookie("vanthu-loopback", "x" * 43)
    assert director.get("/viec").status_code == 303
    director.client.set_cookie("vanthu-form-loopback", "e30.tampered.sig")
    assert director.get("/dang-nhap").status_code == 200


def test_an_upload_over_the_limit_is_413(director: Visitor) -> None:
    import io

    big = (io.BytesIO(b"x" * (41 * 1024 * 1024)), "x.bin")
    assert director.post("/thu/soan", to="anl", files=big).status_code == 413


HUGE = str(2**70)


def test_numbers_that_no_row_has_are_404_or_422_never_a_fault(director: Visitor, world: World) -> None:
    ref = world.arrive()
    _document, step_id = world.submitted()
    for path in (f"/thu/{HUGE}", f"/thu/1/{HUGE}", f"/van-ban/{HUGE}", f"/van-ban/ho-so/{HUGE}", f"/thu/{2**53}"):
        assert director.get(path).status_code == 404, path
    assert director.get(f"/so/den?nam={HUGE}&trang={HUGE}").status_code == 200
    assert director.get(f"/thu/soan?tra_loi={HUGE}.{HUGE}&hop={HUGE}").status_code == 200
    inbox = world.folder("truongpk", "INBOX")
    assert director.post(f"/thu/{inbox}/viec", uid="1", do="move", to=HUGE).status_code in (303, 404)
    typed = {"instruction": "x", "main": HUGE, "cc": HUGE}
    assert director.post(f"/van-ban/buoc/{step_id}/giao", **typed).status_code == 422
    assert ref.uid == 1


def test_a_nul_is_refused_everywhere(director: Visitor) -> None:
    for path in ("/tim?q=%00", "/thu/1?q=a%00b", "/so/den?q=%00", "/thu/1/1/tep/%00"):
        assert director.get(path).status_code == 400, path
    assert director.post("/van-ban/ho-so", title="a\0b").status_code == 400
    assert director.post("/tai-khoan/mat-khau-ung-dung", label="\0").status_code == 400
