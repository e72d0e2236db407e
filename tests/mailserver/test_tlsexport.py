"""Keying material: the same at both ends of a connection, another for every connection, or none."""

from __future__ import annotations

import ssl

import pytest

from mailserver import tlsexport
from mailserver.tls import server_context
from mailserver.tlsexport import OCTETS, keying_material
from tests.support.certificates import make_certificate


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    context = server_context()
    context.load_cert_chain(*make_certificate(tmp_path_factory.mktemp("tls")))
    return context


def connected(server: ssl.SSLContext, version: ssl.TLSVersion) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both ends of a connection in memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = version
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
    assert [keying_material(end) for end in ends] == [b"", b""]
    for end in (*ends, *ends):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ends


def test_both_ends_have_the_same_and_nobody_else_has(server: ssl.SSLContext) -> None:
    found = [[keying_material(end) for end in connected(server, ssl.TLSVersion.TLSv1_3)] for _ in range(3)]
    assert all(len(one) == OCTETS and one == other for one, other in found)
    assert len({one for one, _other in found}) == 3


def test_under_tls_1_2_there_is_none(server: ssl.SSLContext) -> None:
    assert [keying_material(end) for end in connected(server, ssl.TLSVersion.TLSv1_2)] == [b"", b""]


@pytest.mark.parametrize(("name", "value"), [("_CONTEXT_AT", tlsexport._SSL_AT), ("_SSL_AT", 0), ("PYTHON", (3, 0))])
def test_a_python_whose_objects_look_otherwise_gives_none(
    server: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    end, _other = connected(server, ssl.TLSVersion.TLSv1_3)
    if name == "_SSL_AT":
        monkeypatch.setattr(tlsexport, "_field", lambda inner, at: id(end.context) if at else None)
    monkeypatch.setattr(tlsexport, name, value)
    assert keying_material(end) == b""
