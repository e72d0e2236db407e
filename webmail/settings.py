"""What the web door needs to know about where it runs; filled by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# One message of 10 MB decoded is 14 MB in base64 drafts; a form may carry a few refused extras.
MAX_REQUEST_OCTETS = 40 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MailDoor:
    """A door as mail programs are told of it.

    protocol: "IMAP" or "SMTP". host: ASCII. security: "TLS" (from the first octet) or "STARTTLS".
    """

    protocol: str
    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of the web application.

    secret_key: signs the form cookie (anti-forgery token, short notices); 32 random octets kept by
    the installation. cache_dir: where page images are kept; may be emptied at any time.
    secure_cookies: False only for plain http on loopback; the cookie then has another name.
    timezone: IANA name; every time on a page is shown in it.
    workers: threads for ordinary requests; push needs none.
    metrics_networks: whose callers may read /metrics. requests_per_minute: of one person, in one process.
    address: of this web door as browsers know it, "https://mail.sxd.example", no slash at the end.
    other_addresses: others of the same door, as in the office's own network; passkeys work there too.
    mail_doors: under names that work everywhere; lan_doors: under other names for the office's own
    network, which is lan_networks, () where the names are the same.
    transport_policy: the MTA-STS policy file of our domains, b"" for none.
    """

    secret_key: bytes
    cache_dir: Path
    secure_cookies: bool = True
    max_request: int = MAX_REQUEST_OCTETS
    timezone: str = "Asia/Ho_Chi_Minh"
    workers: int = 12
    metrics_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    requests_per_minute: int = 1200
    product: str = "Vanthu"
    address: str = "http://localhost"
    other_addresses: tuple[str, ...] = ()
    mail_doors: tuple[MailDoor, ...] = ()
    lan_doors: tuple[MailDoor, ...] = ()
    lan_networks: tuple[str, ...] = ()
    transport_policy: bytes = b""
    testing: bool = False

    @property
    def session_cookie(self) -> str:
        """`__Host-` cookies exist on TLS only (RFC 6265bis §4.1.3.2)."""
        return "__Host-vanthu" if self.secure_cookies else "vanthu-loopback"

    @property
    def form_cookie(self) -> str:
        return "__Host-vanthu-form" if self.secure_cookies else "vanthu-form-loopback"
