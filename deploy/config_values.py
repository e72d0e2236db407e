"""Kinds of values in vanthu.toml that pydantic does not know."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainValidator

from deploy.lang import t

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door listens. port 0: any free one, told in run/listening.json."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_listen(value: Any) -> Address:
    """Read `host:port`, `[v6]:port`, `*:port` or `:port`. Raises ValueError for anything else."""
    if isinstance(value, Address):
        return value
    if not isinstance(value, str):
        raise ValueError(t("cần có dạng “host:port”", "“host:port” expected"))
    host, colon, port = value.strip().rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(t(f"“{value}” không có dạng host:port", f"“{value}” is not host:port"))
    if ":" in bare and not host.startswith("["):
        raise ValueError(t(f"địa chỉ IPv6 “{bare}” phải nằm trong [ ]", f"the IPv6 address “{bare}” needs [ ]"))
    return Address("" if bare == "*" else bare, int(port))


def parse_server(value: Any) -> Address:
    """Read the address of a name server, `10.0.0.53` or `127.0.0.1:5353`, `[::1]:53`; port 53 if none is given."""
    if isinstance(value, Address):
        return value
    if not isinstance(value, str):
        raise ValueError(t("cần địa chỉ IP của máy chủ tên miền", "the IP address of a name server expected"))
    with suppress(ValueError):
        return Address(str(ipaddress.ip_address(value.strip())), 53)
    found = parse_listen(value)
    try:
        return Address(str(ipaddress.ip_address(found.host)), found.port)
    except ValueError as fault:
        raise ValueError(t(f"“{value}” không phải địa chỉ IP", f"“{value}” is not an IP address")) from fault


def ascii_host(name: str) -> str:
    """A host name as A-labels, lower case, or an IP address. Raises ValueError for what is neither."""
    host = name.strip().rstrip(".").lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as fault:
            raise ValueError(t(f"“{name}” không phải tên máy chủ", f"“{name}” is not a host name")) from fault
    if not _is_address(host) and not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(t(f"“{name}” không phải tên máy chủ", f"“{name}” is not a host name"))
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def parse_host(value: Any) -> str:
    """A host name without port, "" for none."""
    if not isinstance(value, str):
        raise ValueError(t("cần tên máy chủ", "a host name expected"))
    return ascii_host(value) if value else ""


def parse_url(value: Any) -> str:
    """An address of a web server, "" for none; kept without a slash at its end."""
    if value == "":
        return ""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(t("cần có dạng “https://tên-máy-chủ”", "“https://host” expected"))
    return str(value).rstrip("/")


def parse_peer(value: str) -> str:
    """Check the `host:port` of another server; "" stays. Raises ValueError."""
    if value and (not parse_listen(value).host or not parse_listen(value).port):
        raise ValueError(t(f"“{value}” không có dạng host:port", f"“{value}” is not host:port"))
    return value


def parse_socket(value: str) -> str:
    """Check where a daemon listens: the path of its socket, or `host:port`; "" stays. Raises ValueError."""
    return value if value.startswith("/") else parse_peer(value)


def parse_network(value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if not isinstance(value, str | ipaddress.IPv4Network | ipaddress.IPv6Network):
        raise ValueError(t("cần một dải địa chỉ, như 10.0.0.0/8", "a network such as 10.0.0.0/8 expected"))
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError as fault:
        raise ValueError(t(f"“{value}” không phải dải địa chỉ", f"“{value}” is not a network")) from fault


def parse_zone(value: Any) -> str:
    """An IANA time zone that this machine knows."""
    if not isinstance(value, str) or not value:
        raise ValueError(t("cần tên múi giờ", "the name of a time zone expected"))
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ValueError(t(f"không có múi giờ “{value}”", f"there is no time zone “{value}”")) from fault
    return value


def as_list(value: Any) -> Any:
    """Let `"a, b"`, as written in an environment variable, stand for `["a", "b"]`."""
    if isinstance(value, str):
        return [item.strip() for item in value.strip("[]").replace('"', "").split(",") if item.strip()]
    return value


Listen = Annotated[Address, PlainValidator(parse_listen)]
Server = Annotated[Address, PlainValidator(parse_server)]
Network = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, PlainValidator(parse_network)]
Host = Annotated[str, BeforeValidator(parse_host)]
Url = Annotated[str, BeforeValidator(parse_url)]
Zone = Annotated[str, BeforeValidator(parse_zone)]
