"""vanthu.toml: every setting of an installation, checked before anything starts.

Each key is also an environment variable: `VANTHU_DOMAIN`, `VANTHU_SMTP__MX` (lists with commas).
The environment wins over the file. A wrong key or value raises `ConfigError` with one sentence
that names the key and where it stands.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from deploy.config_errors import ConfigError, sentence
from deploy.config_values import (
    MOST_OCTETS,
    Domain,
    Folder,
    Host,
    Listen,
    Network,
    Server,
    Url,
    Zone,
    as_list,
    parse_database,
    parse_listen,
    parse_network,
    parse_peer,
    parse_socket,
)
from deploy.lang import t

PREFIX = "VANTHU_"
# Names with the prefix that are not settings.
NOT_SETTINGS = frozenset({"VANTHU_CONFIG", "VANTHU_LANG"})
SEARCHED = (Path("vanthu.toml"), Path("/etc/vanthu/vanthu.toml"))

Listeners = Annotated[tuple[Listen, ...], NoDecode, BeforeValidator(as_list)]
Servers = Annotated[tuple[Server, ...], NoDecode, BeforeValidator(as_list)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(as_list)]
Urls = Annotated[tuple[Url, ...], NoDecode, BeforeValidator(as_list)]


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SmtpSettings(Section):
    """Doors for mail coming in. Each list holds `host:port`; empty means closed."""

    mx: Listeners = ()
    submission: Listeners = ()
    submissions: Listeners = ()
    lmtp: Listeners = ()
    # Octets of one message with its attachments; 0: no limit (1201/QĐ-SYT: "10 MB").
    message_size_limit: Annotated[int, Field(ge=0, le=MOST_OCTETS)] = 10_485_760
    # "decoded": attachments as people see them; "wire": as sent, base64 included.
    message_size_counts: Literal["decoded", "wire"] = "decoded"
    # How far the wishes of senders' domains (DMARC) are followed for mail from outside.
    sender_authentication: Literal["off", "annotate", "junk", "reject"] = "reject"
    # What others are told about TLS with our MX (MTA-STS); "none" withdraws what they were told before.
    mta_sts: Literal["off", "none", "testing", "enforce"] = "off"


class ImapSettings(Section):
    plain: Listeners = ()
    tls: Listeners = ()


class WebSettings(Section):
    listen: Listeners = ()
    # None: TLS on every listener that is not loopback. False where a reverse proxy adds it.
    tls: bool | None = None
    # How users reach the webmail from outside, "https://mail.sxd.example"; "" means the listener.
    public_url: Url = ""
    # Other addresses of it, as in the office's own network: passkeys made under the first one work there too.
    other_urls: Urls = ()


Port = Annotated[int, Field(ge=0, le=65535)]
# Private addresses (RFC 1918 §3, RFC 4193 §3.1) and this machine.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "127.0.0.0/8", "::1/128")


class ClientSettings(Section):
    """What mail programs are told when they are set up: names and ports as they see them."""

    # The name that works everywhere; "" means hostname.
    internet_host: Host = ""
    # Another name in the office's own network; "" means the same one.
    lan_host: Host = ""
    # Who is in it.
    lan_networks: Networks = tuple(map(parse_network, PRIVATE))
    # Ports as the Internet sees them, where a firewall has others; 0: as they listen.
    imaps_port: Port = 0
    imap_port: Port = 0
    submissions_port: Port = 0
    submission_port: Port = 0


class TlsSettings(Section):
    """cert, key: both or neither; without them a self-signed certificate is made in data_dir/tls.

    session_tickets: False for peers that break off where a server offers to resume sessions, as some of
    Microsoft's did (mox #237, maddy #730).
    """

    cert: Path | None = None
    key: Path | None = None
    session_tickets: bool = True

    @model_validator(mode="after")
    def _both(self) -> TlsSettings:
        if (self.cert is None) != (self.key is None):
            raise ValueError(t("cert và key phải đi cùng nhau", "cert and key belong together"))
        return self


class AuthSettings(Section):
    # None: a password may travel without TLS on loopback listeners only.
    allow_plaintext: bool | None = None
    # Peers whose failed sign-ins are not slowed down and whose mail is not judged by its DNS.
    trusted_networks: Networks = ()


class DnsSettings(Section):
    # Name servers to ask, "127.0.0.1" or "127.0.0.1:5353"; none: those of /etc/resolv.conf.
    servers: Servers = ()
    # They validate DNSSEC and nobody is on the way to them; servers on this machine are trusted anyway.
    trust_ad: bool = False


class StoreSettings(Section):
    # "" means SQLite in data_dir.
    database: Annotated[
        str, Field(pattern=r"^(|sqlite:///.+|postgresql\+psycopg://.+)$"), AfterValidator(parse_database)
    ] = ""
    # "" means data_dir/blobs.
    blobs: Annotated[str, Field(pattern=r"^(|file:///.+|s3://.+)$")] = ""


class OutboundSettings(Section):
    """Mail to other domains. A password goes out only under TLS with a certificate that holds."""

    enabled: bool = False
    # "host:port" of the server that takes all outgoing mail; "" delivers directly. Port 465: TLS at once.
    smarthost: Annotated[str, AfterValidator(parse_peer)] = ""
    # Sign-in at the smarthost. The password: here (better in the environment) or the first line of a file.
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    # Where mail servers of other domains listen; another one than 25 for trials.
    port: Annotated[int, Field(ge=1, le=65535)] = 25

    @property
    def smarthost_at(self) -> Listen | None:
        return parse_listen(self.smarthost) if self.smarthost else None


Octets = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=300)]
Places = Annotated[int, Field(ge=1, le=64)]


class ClamdSettings(Section):
    """ClamAV's daemon, which looks for viruses in mail and in files that are uploaded."""

    # Path of its socket, or "host:port"; "": there is none.
    address: Annotated[str, AfterValidator(parse_socket)] = ""
    # Seconds for one message.
    timeout: Seconds = 20.0
    # Octets of a message that it is shown; its own StreamMaxLength must not be less.
    max_size: Octets = 26_214_400
    # Connections at once, of each process.
    connections: Places = 4


class RspamdSettings(Section):
    """rspamd, which judges mail from outside."""

    # "host:port" of its normal worker, or the path of its socket; "": there is none.
    address: Annotated[str, AfterValidator(parse_socket)] = ""
    # Its password, where its worker asks for one: here (better in the environment) or the first line of a file.
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    timeout: Seconds = 10.0
    max_size: Octets = 26_214_400
    connections: Places = 4


class ProcessSettings(Section):
    mail: Annotated[int, Field(ge=1, le=64)] = 2
    web: Annotated[int, Field(ge=1, le=64)] = 1


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    # "auto": readable lines on a terminal, JSON otherwise.
    format: Literal["auto", "console", "json"] = "auto"


class Settings(BaseSettings):
    """All of vanthu.toml. Paths may be relative to the file."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", case_sensitive=False
    )

    data_dir: Folder
    domain: Domain
    # The name this server greets with; "" means mail.DOMAIN.
    hostname: Host = ""
    timezone: Zone = "Asia/Ho_Chi_Minh"

    smtp: SmtpSettings = SmtpSettings()
    imap: ImapSettings = ImapSettings()
    web: WebSettings = WebSettings()
    clients: ClientSettings = ClientSettings()
    tls: TlsSettings = TlsSettings()
    auth: AuthSettings = AuthSettings()
    dns: DnsSettings = DnsSettings()
    store: StoreSettings = StoreSettings()
    outbound: OutboundSettings = OutboundSettings()
    clamd: ClamdSettings = ClamdSettings()
    rspamd: RspamdSettings = RspamdSettings()
    processes: ProcessSettings = ProcessSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def host(self) -> str:
        """The name in greetings, Received fields and certificates."""
        return self.hostname or f"mail.{self.domain}"

    @property
    def database_url(self) -> str:
        return self.store.database or f"sqlite:///{self.data_dir / 'vanthu.sqlite3'}"

    @property
    def blobs_url(self) -> str:
        return self.store.blobs or (self.data_dir / "blobs").as_uri()

    @property
    def run_dir(self) -> Path:
        """Files of the running server: its pid, the ports it listens on, wake-up sockets."""
        return self.data_dir / "run"

    @property
    def cache_dir(self) -> Path:
        """What the web processes can make again; may be emptied at any time."""
        return self.data_dir / "cache"

    def plaintext_allowed(self, listen: Listen) -> bool:
        """May a password be sent to this listener without TLS?"""
        allowed = self.auth.allow_plaintext
        return listen.is_loopback if allowed is None else allowed

    def web_uses_tls(self, listen: Listen) -> bool:
        return not listen.is_loopback if self.web.tls is None else self.web.tls


def find_file(given: Path | None) -> Path:
    """The file to read: `--config`, VANTHU_CONFIG, ./vanthu.toml, /etc/vanthu/vanthu.toml.

    Raises ConfigError, naming the places that were searched.
    """
    named = given or (Path(os.environ["VANTHU_CONFIG"]) if os.environ.get("VANTHU_CONFIG") else None)
    for candidate in (named,) if named else SEARCHED:
        if candidate.is_file():
            return candidate
    raise ConfigError.missing(named, SEARCHED)


def load(path: Path) -> Settings:
    """The checked settings. Raises ConfigError with one sentence for the first mistake."""
    try:
        # Editors on Windows begin a file with the mark of its encoding.
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError.unreadable(path, str(fault)) from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError.not_toml(path, str(fault)) from fault
    _check_environment()
    try:
        settings = Settings(**table)
    except ValidationError as fault:
        raise ConfigError(sentence(fault, path, table, PREFIX, Settings.model_fields)) from fault
    except SettingsError as fault:
        raise ConfigError.not_a_table(_tables_in_environment()) from fault
    return _anchored(settings, path)


def _check_environment() -> None:
    """A misspelt variable would otherwise be ignored without a word."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in os.environ:
        top = name.upper().split("__", 1)[0]
        if top.startswith(PREFIX) and top not in NOT_SETTINGS and top not in known:
            raise ConfigError.unknown_variable(name)


def _tables_in_environment() -> list[str]:
    """Variables that stand for a whole table, and so must be JSON."""
    tables = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.upper() in tables)


def _anchored(settings: Settings, path: Path) -> Settings:
    """Relative paths start at the folder of the file, wherever the command runs."""
    base = path.resolve().parent
    tls = settings.tls.model_copy(
        update={
            "cert": settings.tls.cert and base / settings.tls.cert,
            "key": settings.tls.key and base / settings.tls.key,
        }
    )
    password_file = settings.outbound.password_file
    outbound = settings.outbound.model_copy(update={"password_file": password_file and base / password_file})
    password_file = settings.rspamd.password_file
    rspamd = settings.rspamd.model_copy(update={"password_file": password_file and base / password_file})
    store = settings.store.model_copy(update={"database": _anchored_file(settings.store.database, base)})
    anchored = {"tls": tls, "outbound": outbound, "rspamd": rspamd, "store": store}
    return settings.model_copy(update={"data_dir": base / settings.data_dir, **anchored})


def _anchored_file(database: str, base: Path) -> str:
    """The URL of a database, a relative path of an SQLite file taken from `base`."""
    start, slashes, path = database.partition("sqlite:///")
    return f"{slashes}{base / path}" if slashes and not start else database
