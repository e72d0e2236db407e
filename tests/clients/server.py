"""All mail doors of an installation in a thread: the product's own settings, certificate and composition.

Clients are programs of their own, or libraries that block; they and their tests run beside it.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import uvloop

from deploy import build, tls
from deploy.config import Settings, load
from deploy.processes import imap_door, smtp_door
from deploy.sockets import Bound, Door, bind_all, wanted
from mailserver.actor import SYSTEM
from mailserver.directory import credentials, people
from mailserver.directory.records import PersonData
from mailserver.directory.verified import Verified
from mailserver.imap.server import ImapServer
from mailserver.smtp.server import SmtpServer
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.support.office import DOMAIN, PASSWORD, Office, found_office, hashed_password

DOORS = ("smtp.mx", "smtp.submission", "smtp.submissions", "smtp.lmtp", "imap.plain", "imap.tls")
DRAIN_S = 5.0


@dataclass(frozen=True)
class User:
    """Somebody with an empty mailbox."""

    address: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Server:
    """Running doors. certificate: a PEM file that clients trust, for localhost."""

    office: Office
    ports: dict[Door, int]
    certificate: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def imap(self) -> int:
        return self.ports[Door.IMAP]

    @property
    def imaps(self) -> int:
        return self.ports[Door.IMAPS]

    @property
    def submission(self) -> int:
        return self.ports[Door.SUBMISSION]

    @property
    def submissions(self) -> int:
        return self.ports[Door.SUBMISSIONS]

    def trusting(self) -> ssl.SSLContext:
        """A client's context that takes this server's certificate and no other."""
        return ssl.create_default_context(cafile=self.certificate)

    def id_of(self, user: User) -> int:
        return self.office.ids[user.address.partition("@")[0]]

    def new_user(self) -> User:
        """A person whom no other test knows."""
        local = f"nhanvien{next(self.numbers)}"

        def work(tx: Tx) -> int:
            person = PersonData("Nguyễn", "Văn", "An", local_part=local)
            person_id = people.create_person_tx(tx, self.office.agency_id, person)
            credentials.set_password_tx(tx, person_id, hashed_password())
            return person_id

        self.office.ids[local] = self.office.store.db.write(work, SYSTEM)
        return User(f"{local}@{DOMAIN}")


def write_settings(folder: Path, more: str = "") -> Settings:
    """An installation with every mail door on a free port of the loopback. more: further tables of the settings."""
    sections: dict[str, list[str]] = {}
    for door in DOORS:
        section, key = door.split(".")
        sections.setdefault(section, []).append(f'{key} = ["127.0.0.1:0"]')
    tables = "".join(f"[{name}]\n" + "\n".join(keys) + "\n" for name, keys in sections.items())
    path = folder / "vanthu.toml"
    # All clients come from one address, some with wrong passwords: nobody else waits for that.
    tables += '[auth]\ntrusted_networks = ["127.0.0.0/8", "::1/128"]\n'
    path.write_text(f'data_dir = "data"\ndomain = "{DOMAIN}"\n{tables}{more}', encoding="utf-8")
    return load(path)


@contextmanager
def running(
    folder: Path, database_url: str, more: str = "", found: Callable[[Office], object] = id
) -> Iterator[Server]:
    """The doors over a database that has tables and no rows; gone at the end.

    more: as for `write_settings`. found: called with the office before a door opens.
    """
    settings = write_settings(folder, more)
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    tls.ensure(settings)
    store = Store.open(database_url, settings.blobs_url, data_dir=settings.data_dir)
    office = found_office(store)
    found(office)
    bound = bind_all(wanted(settings))
    ports = {one.door: one.at.port for one in bound}
    with Loop(settings, store, bound).turning():
        yield Server(office, ports, tls.files(settings)[0])
    store.close()


class Loop:
    """The event loop that serves, in its thread."""

    def __init__(self, settings: Settings, store: Store, bound: list[Bound]) -> None:
        self._settings, self._store, self._bound = settings, store, bound
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @contextmanager
    def turning(self) -> Iterator[None]:
        """Serves inside the block. Raises at its end what has ended the loop before."""
        thread = threading.Thread(target=self._run, name="mail doors")
        thread.start()
        self._ready.wait()
        try:
            if self._failure is None:
                yield
        finally:
            if self._loop is not None and self._stop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        settings, store = self._settings, self._store
        await store.feed.start()
        authenticator = build.authenticator(settings, store, Verified())
        rules = build.agency_rules(settings, store)
        context = tls.context(settings)
        smtp = await smtp_door.open_doors(settings, store, rules, authenticator, context, self._bound)
        imap = await imap_door.open_doors(settings, store, rules, authenticator, context, self._bound)
        servers: list[SmtpServer | ImapServer] = [*smtp, *imap]
        self._ready.set()
        await self._stop.wait()
        await asyncio.gather(*(server.drain(DRAIN_S) for server in servers))
        await store.feed.stop()
        authenticator.close()
