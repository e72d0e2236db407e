"""Fetching policy files from a web server that may be anything (RFC 8461 §3.3)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.tls import make_self_signed
from mailserver.outbound.policy_fetch import CannotFetch, Fetcher
from tests.mailserver.outbound.elsewhere import Zone
from tests.mailserver.outbound.test_mtasts import TEXT
from tests.support.listening import listening

ASKED = b"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.far.test\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
CHUNKED = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("web")
    make_self_signed("mta-sts.far.test", "far.test", folder / "c.pem", folder / "k.pem")
    return folder / "c.pem", folder / "k.pem"


@asynccontextmanager
async def web(files: tuple[Path, Path], answer: bytes, hang: bool = False) -> AsyncIterator[Fetcher]:
    """What fetches from a web server for mta-sts.far.test on the loopback, and trusts it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ASKED)
        if hang:
            await asyncio.Event().wait()
        writer.write(answer)

    async with listening(serve, context) as port:
        trusting = ssl.create_default_context(cafile=str(files[0]))
        yield Fetcher(Zone(), trusting, lambda _address: True, port)


@pytest.mark.parametrize("answer", [HEAD + TEXT, CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(TEXT), TEXT)])
async def test_the_file_is_fetched_by_https(certificate: tuple[Path, Path], answer: bytes) -> None:
    async with web(certificate, answer) as fetch:
        assert await fetch("far.test") == TEXT


async def test_a_certificate_that_nobody_vouches_for_is_no_policy(certificate: tuple[Path, Path]) -> None:
    async with web(certificate, HEAD + TEXT) as fetch:
        strict = Fetcher(fetch.dns, ssl.create_default_context(), fetch.allowed, fetch.port)
        with pytest.raises(CannotFetch, match="CERTIFICATE"):
            await strict("far.test")
        with pytest.raises(CannotFetch, match="CERTIFICATE"):
            await fetch("near.test")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\r\nContent-Type: text/plain\r\n\r\n" + TEXT,
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n" + TEXT,
        HEAD.replace(b"text/plain", b"text/html") + TEXT,
        b"HTTP/1.1 200 OK\r\n\r\n" + TEXT,
        HEAD + b"x" * 70_000,
        HEAD + b"x" * 1_000_000,
        CHUNKED + b"zz\r\n" + TEXT,
        HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000\r\n\r\n") + TEXT,
        b"nonsense",
        b"",
    ],
    ids=["redirect", "404", "html", "no type", "large", "larger", "chunks", "short", "nonsense", "nothing"],
)
async def test_other_answers_are_no_policy(certificate: tuple[Path, Path], answer: bytes) -> None:
    async with web(certificate, answer) as fetch:
        with pytest.raises(CannotFetch):
            await fetch("far.test")


async def test_a_server_that_hangs_is_left(certificate: tuple[Path, Path]) -> None:
    async with web(certificate, HEAD, hang=True) as fetch:
        hasty = Fetcher(fetch.dns, fetch.context, fetch.allowed, fetch.port, patience_s=0.05)
        with pytest.raises(CannotFetch, match="in time"):
            await hasty("far.test")


async def test_a_name_of_somebody_else_does_not_lead_into_our_network(certificate: tuple[Path, Path]) -> None:
    async with web(certificate, HEAD + TEXT) as fetch:
        for address in ("127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"):
            zone = Zone(addresses_of={"mta-sts.far.test": (address,)})
            with pytest.raises(CannotFetch, match="no address on the Internet"):
                await Fetcher(zone, fetch.context, port=fetch.port)("far.test")


@pytest.mark.parametrize("domain", ["", "a b", "x\r\nHost: y", "é", "a" * 300, ".."])
async def test_what_is_no_name_is_not_asked(certificate: tuple[Path, Path], domain: str) -> None:
    async with web(certificate, HEAD + TEXT) as fetch:
        with pytest.raises(CannotFetch):
            await fetch(domain)
