"""What mail programs and DNS are told of this server, and that they are told the same."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs7

from deploy import client_doors, dnsrecords, tls
from deploy.config import Settings, load
from deploy.config_values import Address
from deploy.sockets import Bound, Door
from webmail.settings import MailDoor

DOORS = {
    Door.IMAPS: "*:993",
    Door.IMAP: "*:143",
    Door.SUBMISSIONS: "*:465",
    Door.SUBMISSION: "*:587",
}
OPEN = '[smtp]\nsubmission = ["*:587"]\nsubmissions = ["*:465"]\n[imap]\nplain = ["*:143"]\ntls = ["*:993"]\n'


def read(folder: Path, text: str = "") -> Settings:
    path = folder / "vanthu.toml"
    path.write_text(f'data_dir = "d"\ndomain = "sxd.example"\n{text}', encoding="utf-8")
    return load(path)


class Listening(socket.socket):
    """A socket that says where it would listen, without taking a port that needs privileges."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self._address = address

    def getsockname(self) -> tuple[str, int]:
        return self._address.host or "0.0.0.0", self._address.port


@pytest.fixture
def bound() -> list[Bound]:
    """Every door on "*", on IPv4 and IPv6 as `bind_all` gives them."""
    made = []
    for door, where in DOORS.items():
        address = Address("", int(where.rpartition(":")[2]))
        made += [Bound(door, address, Listening(address)) for _family in range(2)]
    yield made
    for one in made:
        one.socket.close()


def test_each_door_is_told_once_and_tls_first(tmp_path: Path, bound: list[Bound]) -> None:
    assert client_doors.mail_doors(read(tmp_path), bound) == (
        MailDoor("IMAP", "mail.sxd.example", 993, "TLS"),
        MailDoor("IMAP", "mail.sxd.example", 143, "STARTTLS"),
        MailDoor("SMTP", "mail.sxd.example", 465, "TLS"),
        MailDoor("SMTP", "mail.sxd.example", 587, "STARTTLS"),
    )
    assert client_doors.lan_doors(read(tmp_path), bound) == ()


def test_the_office_and_the_internet_may_see_other_names_and_ports(tmp_path: Path, bound: list[Bound]) -> None:
    clients = '[clients]\ninternet_host = "thu.sxd.example"\nlan_host = "thu.noibo"\nimaps_port = 9993\n'
    settings = read(tmp_path, OPEN + clients)
    assert client_doors.mail_doors(settings, bound)[0] == MailDoor("IMAP", "thu.sxd.example", 9993, "TLS")
    assert client_doors.lan_doors(settings, bound)[0] == MailDoor("IMAP", "thu.noibo", 993, "TLS")
    values = {record.name: record.value for record in dnsrecords.records(settings)}
    assert values["_imaps._tcp.sxd.example"] == "0 1 9993 thu.sxd.example."
    assert values["_imap._tcp.sxd.example"] == "10 1 143 thu.sxd.example."
    assert values["_submissions._tcp.sxd.example"] == "0 1 465 thu.sxd.example."


def test_names_are_ascii(tmp_path: Path, bound: list[Bound]) -> None:
    """mox http/autoconf.go:116: Thunderbird knows A-labels only."""
    settings = read(tmp_path, '[clients]\nlan_host = "thư.nội-bộ"\ninternet_host = "Thư.SXD.example"\n')
    hosts = {
        door.host for door in (*client_doors.mail_doors(settings, bound), *client_doors.lan_doors(settings, bound))
    }
    assert hosts == {"xn--th-e0a.sxd.example", "xn--th-e0a.xn--ni-b-5y5ad"} and all(host.isascii() for host in hosts)


@pytest.mark.parametrize(
    ("text", "address", "service"),
    [
        ('[web]\nlisten = ["*:443"]\n', "https://mail.sxd.example", ("mail.sxd.example", 443)),
        ('[web]\nlisten = ["127.0.0.1:8080", "*:8443"]\n', "https://mail.sxd.example:8443", ("mail.sxd.example", 8443)),
        ('[web]\nlisten = ["127.0.0.1:8080"]\n', "http://127.0.0.1:8080", None),
        (
            '[web]\nlisten = ["127.0.0.1:8080"]\npublic_url = "https://thu.sxd.example/"\n',
            "https://thu.sxd.example",
            ("thu.sxd.example", 443),
        ),
        ("", "https://mail.sxd.example", None),
    ],
)
def test_the_web_is_known_by_one_address(
    tmp_path: Path, text: str, address: str, service: tuple[str, int] | None
) -> None:
    settings = read(tmp_path, text)
    assert client_doors.web_address(settings) == address
    assert client_doors.web_service(settings) == service
    names = {record.name: record.value for record in dnsrecords.records(settings)}
    told = names.get("_autodiscover._tcp.sxd.example"), names.get("autoconfig.sxd.example")
    assert told == ((f"0 1 {service[1]} {service[0]}.", f"{service[0]}.") if service else (None, None))


def test_a_free_port_that_was_found_is_the_one_that_is_told(tmp_path: Path) -> None:
    settings = read(tmp_path, '[web]\nlisten = ["127.0.0.1:0"]\n')
    asked = settings.web.listen[0]
    with Listening(Address("127.0.0.1", 8123)) as listening:
        assert client_doors.web_address(settings, [Bound(Door.WEB, asked, listening)]) == "http://127.0.0.1:8123"


def test_a_profile_is_signed_with_the_offices_certificate_only(tmp_path: Path) -> None:
    own = read(tmp_path)
    tls.ensure(own)
    assert client_doors.sign_profile(own, b"<plist/>") == b"<plist/>"  # self-signed: says nothing to a phone
    given = read(tmp_path, '[tls]\ncert = "d/tls/cert.pem"\nkey = "d/tls/key.pem"\n')
    signed = client_doors.sign_profile(given, b"<plist/>")
    assert b"<plist/>" in signed and len(pkcs7.load_der_pkcs7_certificates(signed)) == 1
    (tmp_path / "d" / "tls" / "key.pem").write_text("no key", encoding="ascii")
    assert client_doors.sign_profile(given, b"<plist/>") == b"<plist/>"
