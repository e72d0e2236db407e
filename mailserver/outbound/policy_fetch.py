"""Getting a policy file by HTTPS (RFC 8461 §3.3): one request, verified, no redirect, bounded in time and size.

The name is somebody else's: it is resolved once, an address that is not of the Internet is refused, and the
connection goes to the very address that was looked at.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mailserver.dns.answers import Answer
from mailserver.dns.reach import is_global
from mailserver.outbound.mtasts import MAX_POLICY

# Seconds for all of it; RFC 8461 §3.3 suggests a minute at most.
PATIENCE_S = 30.0
# Octets of the header, and of what chunks add.
MAX_BESIDE = 32 * 1024
# What TLS can ask for, and what cannot end a line of the request.
_NAME = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
PATH = "/.well-known/mta-sts.txt"


class CannotFetch(Exception):
    """No policy file; the text is for the log."""


class AddressDns(Protocol):
    async def addresses(self, name: str) -> Answer[str]: ...


@dataclass(frozen=True, slots=True)
class Fetcher:
    """context: verifies. allowed: which addresses may be connected to. port: of HTTPS but in tests."""

    dns: AddressDns
    context: ssl.SSLContext
    allowed: Callable[[str], bool] = is_global
    port: int = 443
    patience_s: float = PATIENCE_S

    async def __call__(self, domain: str) -> bytes:
        """The body of https://mta-sts.DOMAIN/.well-known/mta-sts.txt. Raises CannotFetch.

        domain: A-label in lower case; for anything else there is no file.
        """
        host = f"mta-sts.{domain}"
        if not _NAME.fullmatch(host):
            raise CannotFetch("this is the name of no host")
        try:
            async with asyncio.timeout(self.patience_s):
                return policy_in(await self._get(host))
        except TimeoutError:
            raise CannotFetch(f"{host} does not answer in time") from None
        except OSError as fault:
            raise CannotFetch(f"{host}: {fault}") from fault

    async def _get(self, host: str) -> bytes:
        """All octets of the answer."""
        addresses = [one for one in (await self.dns.addresses(host)).records if self.allowed(one)]
        if not addresses:
            raise CannotFetch(f"{host} has no address on the Internet")
        reader, writer = await asyncio.open_connection(addresses[0], self.port, ssl=self.context, server_hostname=host)
        try:
            asked = f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
            writer.write(asked.encode("ascii"))
            await writer.drain()
            octets = bytearray()
            while chunk := await reader.read(16 * 1024):
                octets += chunk
                if len(octets) > MAX_BESIDE + MAX_POLICY:
                    raise CannotFetch(f"{host} sends more than a policy")
            return bytes(octets)
        finally:
            writer.transport.abort()


class _Octets(io.BytesIO):
    """What `http.client` reads an answer from, in place of a socket."""

    def makefile(self, _mode: str) -> _Octets:
        return self


def policy_in(octets: bytes) -> bytes:
    """The body of a whole HTTP answer that may be a policy. Raises CannotFetch."""
    answer = http.client.HTTPResponse(_Octets(octets))  # type: ignore[arg-type]
    try:
        answer.begin()
        body = answer.read()
    except http.client.HTTPException as nonsense:
        raise CannotFetch(f"no answer of HTTP: {nonsense!r}") from nonsense
    if answer.status != http.client.OK:  # a redirect is none (RFC 8461 §3.3)
        raise CannotFetch(f"the answer is {answer.status}")
    if answer.headers.get_content_type() != "text/plain" or "content-type" not in answer.headers:
        raise CannotFetch("the answer is no plain text")
    if len(body) > MAX_POLICY:
        raise CannotFetch("the answer is larger than a policy")
    return body
