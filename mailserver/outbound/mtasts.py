"""MTA-STS (RFC 8461): a domain says by HTTPS that mail for it needs verified TLS, and to which hosts it goes.

Pure: the TXT record, the policy file, and whether a host may be used.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum, unique

from mailserver.outbound.names import covers

# RFC 8461 §3.2: a year at most, in seconds.
LONGEST_S = 31_557_600
# RFC 8461 §3.3 suggests this limit, in octets.
MAX_POLICY = 64 * 1024
MAX_HOSTS = 100

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
# Names of real mail servers have underscores (mox).
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_AGE = re.compile(r"[0-9]{1,10}")


class BadPolicy(ValueError):
    """What was found is no policy; the text says which field."""


@unique
class Mode(StrEnum):
    """enforce: mail goes as the policy says or waits. testing: a failure is only noted. none: as without a policy."""

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Policy:
    """hosts: patterns, lower case; "*." stands for one label. max_age: seconds."""

    mode: Mode
    hosts: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        """Whether a pattern matches the name of an MX record (RFC 8461 §4.1)."""
        return covers(self.hosts, host)

    @property
    def text(self) -> bytes:
        """The policy file, as it is published."""
        lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {one}" for one in self.hosts)]
        return "".join(f"{line}\r\n" for line in [*lines, f"max_age: {self.max_age}"]).encode()

    @property
    def record(self) -> str:
        """The TXT record that goes with it; another policy has another id."""
        return f"v=STSv1; id={hashlib.sha256(self.text).hexdigest()[:16]}"


def policy_id(records: tuple[bytes, ...]) -> str | None:
    """The id in the TXT record at `_mta-sts.DOMAIN`; None without exactly one of them (RFC 8461 §3.1)."""
    found = []
    for record in records:
        fields = [part.strip() for part in record.decode("ascii", "replace").split(";")]
        if fields[0] == "v=STSv1":
            found.append(dict(part.split("=", 1) for part in fields[1:] if "=" in part).get("id", ""))
    return found[0] if len(found) == 1 and _ID.fullmatch(found[0]) else None


def parse(text: bytes) -> Policy:
    """Read a policy file (RFC 8461 §3.2): of a field that stands there twice the first counts. Raises BadPolicy."""
    fields: dict[str, str] = {}
    hosts: list[str] = []
    for line in text.decode("utf-8", "replace").splitlines():
        name, colon, value = (part.strip() for part in line.partition(":"))
        if name == "mx" and colon:
            hosts.append(value.lower().rstrip("."))
        elif colon:
            fields.setdefault(name, value)
    if fields.get("version") != "STSv1":
        raise BadPolicy("version")
    try:
        mode = Mode(fields.get("mode", ""))
    except ValueError:
        raise BadPolicy("mode") from None
    age = fields.get("max_age", "")
    if not _AGE.fullmatch(age):
        raise BadPolicy("max_age")
    needed = mode is not Mode.NONE
    if len(hosts) > MAX_HOSTS or (needed and not hosts) or not all(_HOST.fullmatch(one) for one in hosts):
        raise BadPolicy("mx")
    return Policy(mode, tuple(hosts), min(int(age), LONGEST_S))
