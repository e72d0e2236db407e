"""Kinds of values in vanthu.toml that pydantic does not know."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainValidator

from deploy.lang import t

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# In no name or address of a host.
_NO_HOST = re.compile(r"[\s\x00-\x1f\x7f\[\]/@]")
# Octets: larger sizes than this do not fit into the columns that hold them.
MOST_OCTETS = 2**31 - 1


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
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or _NO_HOST.search(bare):
        raise ValueError(t(f"“{value}” không có dạng host:port", f"“{value}” is not host:port"))
    if ":" in bare and bare == host:
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


def parse_domain(value: Any) -> str:
    """The domain of an office's mail as A-labels, as the directory keeps it. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(t("cần tên miền", "a domain expected"))
    name = ascii_host(value)
    if _is_address(name) or "_" in name:
        raise ValueError(t(f"“{value}” không phải tên miền", f"“{value}” is not a domain"))
    return name


def parse_folder(value: Any) -> Any:
    """The path of a folder of its own: neither nothing, which would be the folder of vanthu.toml, nor with NUL."""
    if isinstance(value, str) and (not value.strip() or "\x00" in value):
        raise ValueError(t("cần đường dẫn một thư mục", "the path of a folder expected"))
    return value


def parse_database(value: str) -> str:
    """Check the URL of a database; "" stays. Raises ValueError for one that several processes cannot share."""
    if not value:
        return value
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        found = make_url(value)
    except (ArgumentError, ValueError) as fault:
        raise ValueError(t("không phải địa chỉ một cơ sở dữ liệu", "not the URL of a database")) from fault
    if found.get_backend_name() == "sqlite" and found.database == ":memory:":
        raise ValueError(t("SQLite cần một tệp", "SQLite needs a file"))
    return value


def parse_url(value: Any) -> str:
    """An address of a web server, "" for none; kept without a slash at its end."""
    if value == "":
        return ""
    if not isinstance(value, str) or not _is_web_server(value):
        raise ValueError(t("cần có dạng “https://tên-máy-chủ”", "“https://host” expected"))
    return value.rstrip("/")


def _is_web_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises ValueError for one that there is not
    except ValueError:
        return False
    known = parts.scheme in ("http", "https") and bool(parts.hostname)
    return known and not parts.query and not parts.fragment


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
Domain = Annotated[str, BeforeValidator(parse_domain)]
Folder = Annotated[Path, BeforeValidator(parse_folder)]
Zone = Annotated[str, BeforeValidator(parse_zone)]
