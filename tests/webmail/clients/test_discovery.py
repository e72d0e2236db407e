"""What mail programs fetch by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from mailserver.outbound.mtasts import Mode, Policy, parse
from tests.webmail.visitor import Visitor
from tests.webmail.world import web_settings
from webmail.app import create_app
from webmail.clients import autodiscover
from webmail.services import WebServices
from webmail.settings import MailDoor, WebSettings

DOMAIN = "sxd.hungbinh.example"
THUNDERBIRD = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
OUTLOOK = "/autodiscover/autodiscover.xml"
REQUEST = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>'
    "<EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{schema}</AcceptableResponseSchema>"
    "</Request></Autodiscover>"
)
NAMES = {
    "a": autodiscover.ANSWER,
    "o": autodiscover.OUTLOOK,
}


def question(address: str, schema: str = autodiscover.OUTLOOK) -> bytes:
    return REQUEST.format(address=address, schema=schema).encode()


def asked(visitor: Visitor, body: bytes, path: str = OUTLOOK) -> Element:
    """The answer to an Autodiscover request."""
    answer = visitor.client.post(path, data=body, content_type="text/xml")
    assert answer.status_code == 200 and answer.mimetype == "application/xml"
    return fromstring(answer.data)


def error_code(answer: Element) -> str:
    return answer.findtext(".//a:ErrorCode", "", NAMES)


def other_visitor(services: WebServices, folder: Path, **changes: object) -> Visitor:
    """A stranger to a webmail with other settings."""
    kept = web_settings(folder)
    values = {name: getattr(kept, name) for name in WebSettings.__dataclass_fields__} | changes
    return Visitor(create_app(services, WebSettings(**values)))


@pytest.mark.parametrize("path", THUNDERBIRD)
@pytest.mark.parametrize("query", ["", f"?emailaddress=truongpk%40{DOMAIN}", f"?emailaddress=nobody@{DOMAIN.upper()}"])
def test_thunderbird_finds_servers_with_and_without_an_address(stranger: Visitor, path: str, query: str) -> None:
    """stalwart #1537: clients also ask without emailaddress. Who is asked about changes nothing."""
    answer = stranger.get(path + query)
    assert answer.status_code == 200 and answer.content_type == "application/xml; charset=utf-8"
    provider = fromstring(answer.data).find("emailProvider")
    assert provider is not None
    assert (provider.get("id"), provider.findtext("domain")) == (DOMAIN, DOMAIN)
    incoming, outgoing = provider.find("incomingServer"), provider.find("outgoingServer")
    assert incoming is not None and outgoing is not None
    assert {one.tag: one.text for one in incoming} == {
        "hostname": "mail.sxd.hungbinh.example",
        "port": "993",
        "socketType": "SSL",
        "username": "%EMAILADDRESS%",
        "authentication": "password-cleartext",
    }
    assert (outgoing.get("type"), outgoing.findtext("port")) == ("smtp", "465")
    assert answer.data == stranger.get(path).data


@pytest.mark.parametrize(
    "address", ["a@elsewhere.example", "a", "@", "@sxd.hungbinh.example", "a@b@c", "a@" + "x" * 300]
)
def test_addresses_of_others_get_no_settings(stranger: Visitor, address: str) -> None:
    assert stranger.get(THUNDERBIRD[0], query_string={"emailaddress": address}).status_code == 404
    assert error_code(asked(stranger, question(address))) in ("500", "600")
    json_query = {"Email": address, "Protocol": "AutodiscoverV1"}
    assert stranger.get("/autodiscover/autodiscover.json", query_string=json_query).status_code == 404


@pytest.mark.parametrize("host", ["autoconfig.sxd.hungbinh.example", "evil.example", "[::1]"])
def test_the_host_that_was_asked_for_is_never_repeated(stranger: Visitor, host: str) -> None:
    answer = stranger.get(THUNDERBIRD[0], headers={"Host": host})
    assert answer.status_code == 200
    assert fromstring(answer.data).findtext("emailProvider/domain") == DOMAIN
    assert b"evil" not in answer.data


def test_a_host_that_cannot_be_is_refused_in_plain_words(stranger: Visitor) -> None:
    answer = stranger.get(THUNDERBIRD[0], headers={"Host": "x" * 200})
    assert answer.status_code == 400 and "xxx" not in answer.text


def test_stalwart_3248_outlook_is_told_of_tls_and_not_of_starttls_on_993(stranger: Visitor) -> None:
    answer = asked(stranger, question(f"TruongPK@{DOMAIN}"))
    protocols = {one.findtext("o:Type", "", NAMES): one for one in answer.findall(".//o:Protocol", NAMES)}
    assert set(protocols) == {"IMAP", "SMTP"}
    for kind, port in (("IMAP", "993"), ("SMTP", "465")):
        values = {one.tag.rpartition("}")[2]: one.text for one in protocols[kind]}
        assert values["SSL"] == "on" and "Encryption" not in values
        assert (values["Server"], values["Port"]) == ("mail.sxd.hungbinh.example", port)
        assert values["LoginName"] == f"truongpk@{DOMAIN}"
        assert (values["SPA"], values["AuthRequired"]) == ("off", "on")


def test_outlook_is_told_of_starttls_where_there_is_nothing_else(services: WebServices, tmp_path: Path) -> None:
    doors = (MailDoor("IMAP", "m.example", 143, "STARTTLS"), MailDoor("SMTP", "m.example", 587, "STARTTLS"))
    answer = asked(other_visitor(services, tmp_path, mail_doors=doors), question(f"a@{DOMAIN}"))
    assert [one.text for one in answer.findall(".//o:Encryption", NAMES)] == ["TLS", "TLS"]


@pytest.mark.parametrize("path", ["/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.XML", OUTLOOK])
def test_outlook_writes_the_path_in_any_case(stranger: Visitor, path: str) -> None:
    assert asked(stranger, question(f"a@{DOMAIN}"), path).findtext(".//o:Action", "", NAMES) == "settings"


def test_people_who_exist_and_who_do_not_get_the_same_answer(stranger: Visitor) -> None:
    known = stranger.client.post(OUTLOOK, data=question(f"truongpk@{DOMAIN}"), content_type="text/xml").text
    unknown = stranger.client.post(OUTLOOK, data=question(f"khongcoai@{DOMAIN}"), content_type="text/xml").text
    assert known.replace("truongpk", "khongcoai") == unknown


BOMB = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a><EMailAddress>&c;</EMailAddress></a>'
FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><EMailAddress>&b;</EMailAddress></a>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"not xml",
        b"\x00\xff\xfe",
        b"<a>" * 5000,
        b"<a>" * 2000 + b"</a>" * 2000,
        b"<?xml version='1.0' encoding='klingon'?><a/>",
        b"<Autodiscover/>",
        b"<a><EMailAddress></EMailAddress></a>",
        BOMB.encode(),
        FILE.encode(),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_question_is_an_invalid_request(stranger: Visitor, body: bytes) -> None:
    answer = asked(stranger, body)
    assert error_code(answer) == "600" and answer.findtext(".//a:Message", "", NAMES) == "Invalid Request"


def test_phones_that_want_activesync_learn_that_it_is_not_here(stranger: Visitor) -> None:
    mobile = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
    assert error_code(asked(stranger, question(f"a@{DOMAIN}", mobile))) == "601"


def test_a_huge_question_is_not_read(stranger: Visitor) -> None:
    huge = question("a" * autodiscover.LARGEST)
    assert stranger.client.post(OUTLOOK, data=huge, content_type="text/xml").status_code == 413


@pytest.mark.parametrize("path", [*THUNDERBIRD, OUTLOOK, "/autodiscover/autodiscover.json"])
def test_head_says_what_get_would(stranger: Visitor, path: str) -> None:
    query = {"Email": f"a@{DOMAIN}", "Protocol": "AutodiscoverV1"}
    got, head = stranger.get(path, query_string=query), stranger.client.head(path, query_string=query)
    assert (head.status_code, head.content_type, head.data) == (got.status_code, got.content_type, b"")
    assert head.status_code == 200


def test_version_two_points_to_version_one(services: WebServices, tmp_path: Path) -> None:
    visitor = other_visitor(services, tmp_path, address="https://mail.sxd.hungbinh.example")
    wanted = {"Protocol": "AutodiscoverV1", "Url": f"https://mail.{DOMAIN}/autodiscover/autodiscover.xml"}
    for path in (
        f"/autodiscover/autodiscover.json?Email=a@{DOMAIN}&Protocol=AutodiscoverV1",
        f"/Autodiscover/Autodiscover.json?email=a@{DOMAIN}&protocol=autodiscoverv1",
        f"/autodiscover/autodiscover.json/v1.0/a@{DOMAIN}?Protocol=AutodiscoverV1",
    ):
        answer = visitor.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 200 and json.loads(answer.text) == wanted, path
    for path, code in (
        (f"/autodiscover/autodiscover.json?Email=a@{DOMAIN}", "MandatoryParameterMissing"),
        (f"/autodiscover/autodiscover.json?Email=a@{DOMAIN}&Protocol=ActiveSync", "ProtocolNotSupported"),
    ):
        refused = visitor.get(path)
        assert refused.status_code == 400 and json.loads(refused.text)["ErrorCode"] == code


def test_inside_the_office_its_own_names_come_first(services: WebServices, tmp_path: Path) -> None:
    inside = (MailDoor("IMAP", "thu.noibo", 993, "TLS"), MailDoor("SMTP", "thu.noibo", 465, "TLS"))
    visitor = other_visitor(services, tmp_path, lan_doors=inside, lan_networks=("10.0.0.0/8",))

    def hosts(remote: str) -> list[str | None]:
        answer = visitor.get(THUNDERBIRD[0], environ_base={"REMOTE_ADDR": remote})
        return [one.text for one in fromstring(answer.data).iter("hostname")]

    everywhere = "mail.sxd.hungbinh.example"
    assert hosts("10.1.2.3") == hosts("::ffff:10.1.2.3") == ["thu.noibo", everywhere] * 2
    assert hosts("203.0.113.9") == [everywhere] * 2


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (f"mta-sts.{DOMAIN}", 200),
        (f"MTA-STS.{DOMAIN}:443", 200),
        (DOMAIN, 404),
        ("mta-sts.evil.example", 404),
        (f"mta-sts.mta-sts.{DOMAIN}", 404),
    ],
)
def test_other_servers_get_the_policy_under_its_own_name(
    services: WebServices, tmp_path: Path, host: str, status: int
) -> None:
    policy = Policy(Mode.ENFORCE, (f"mail.{DOMAIN}",), 86_400)
    path, headers = "/.well-known/mta-sts.txt", {"Host": host}
    answer = other_visitor(services, tmp_path, transport_policy=policy.text).get(path, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert (answer.mimetype, parse(answer.data)) == ("text/plain", policy)
    assert other_visitor(services, tmp_path).get(path, headers=headers).status_code == 404


def test_without_doors_there_is_nothing_to_tell(services: WebServices, tmp_path: Path) -> None:
    visitor = other_visitor(services, tmp_path, mail_doors=(MailDoor("IMAP", "m.example", 993, "TLS"),))
    assert visitor.get(THUNDERBIRD[0]).status_code == 404
    assert error_code(asked(visitor, question(f"a@{DOMAIN}"))) == "500"
