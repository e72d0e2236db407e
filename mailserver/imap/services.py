"""What all sessions of a process share."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mailserver.imap.admission import Admission
from mailserver.imap.clock import Clock
from mailserver.imap.entrance import Entrance
from mailserver.imap.fetch.cache import RenderCache
from mailserver.imap.hub import FolderHub
from mailserver.imap.notify.watch import Watches
from mailserver.imap.settings import ImapSettings
from mailserver.policy import Policy
from mailserver.store.store import Store


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has given the right password. locale: "vi" or "en".

    stands: whether it would still do now; raises StoreUnavailable. hidden: capabilities not to announce, in
    capitals.
    """

    principal_id: int
    agency_id: int
    locale: str
    stands: Callable[[], Awaitable[bool]]
    hidden: frozenset[str] = frozenset()


class SignInRefused(Exception):
    """The password is wrong, or may not be used here; `sentence` is for the user.

    code: response code of RFC 5530 without brackets.
    """

    def __init__(self, sentence: str, code: bytes = b"AUTHENTICATIONFAILED") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


# login, password, the peer's address. Raises SignInRefused.
Authenticate = Callable[[str, str, str], Awaitable[SignedIn]]


class ScramSignIn(Protocol):
    """One exchange of SCRAM (RFC 5802 §5). Both raise SignInRefused, and ValueError for nonsense."""

    async def challenge(self, message: bytes) -> bytes: ...

    async def verify(self, message: bytes) -> tuple[SignedIn, bytes]: ...


# Whether the -PLUS mechanism was chosen, what it may bind to (`tls.bindings`), the peer's address.
Scram = Callable[[bool, Mapping[str, bytes], str], ScramSignIn]


@dataclass(frozen=True, slots=True)
class Services:
    """scram: None turns it off. large: held while a large message is parsed, so that few are in memory
    at once. reading: held while a search has attachments read."""

    store: Store
    hub: FolderHub
    watches: Watches
    cache: RenderCache
    admission: Admission
    authenticate: Authenticate
    scram: Scram | None
    policy: Policy
    settings: ImapSettings
    clock: Clock
    tls: ssl.SSLContext | None
    large: asyncio.Semaphore
    reading: asyncio.Semaphore
    entrance: Entrance
