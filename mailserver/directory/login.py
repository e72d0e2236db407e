"""Signing in: the one door for IMAP, SMTP and the web, by password or, at mail doors, by SCRAM.

A wrong password and an unknown account take the same time and say the same. argon2 is meant to be
slow (about 20 ms), mail clients sign in all the time: passwords that were right are remembered (`verified`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from mailserver.directory import passwords, scram, verifiers
from mailserver.directory.accounts import Account, Accounts, Credential, load_by_id
from mailserver.directory.addresses import lookup_key
from mailserver.directory.authenticated import Authenticated
from mailserver.directory.errors import (
    AccountLocked,
    BadCredentials,
    MustChangePassword,
    NeedsAppPassword,
    NotForThisDoor,
)
from mailserver.directory.last_used import LastUsed, Use
from mailserver.directory.records import Principal, Status
from mailserver.directory.scram import Verifier
from mailserver.directory.scramexchange import ScramExchange
from mailserver.directory.throttle import Throttle
from mailserver.directory.verified import Verified
from mailserver.store.database import Database

log = structlog.get_logger("vanthu.login")

# The only door at which a first password may be used, and an app password may not.
WEB = "web"
# argon2 takes 19 MiB and a core: more at once would only make all of them slower.
HASHING_THREADS = 2
# What stands in the counts of failures where nobody says who they are.
PASSKEY = "passkey"
# Seconds that looking an account up takes in an exchange of SCRAM, which has no argon2 to hide behind.
EVEN_S = 0.01


@asynccontextmanager
async def _evenly() -> AsyncIterator[None]:
    """Looking somebody up takes the same time, whether they are remembered, in the database, or nobody."""
    loop = asyncio.get_running_loop()
    over = loop.time() + EVEN_S
    yield
    await asyncio.sleep(over - loop.time())


class Authenticator:
    """Verifies logins for all doors of one process; close it before its database."""

    def __init__(
        self,
        db: Database,
        *,
        throttle: Throttle | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        verified: Verified | None = None,
    ) -> None:
        """verified: shared with other processes; None for a memory of its own."""
        self._db = db
        self._accounts = Accounts(db)
        self._throttle = throttle or Throttle()
        self._verified = verified or Verified()
        self._threads = ThreadPoolExecutor(HASHING_THREADS, thread_name_prefix="hashing")
        self._last_used = LastUsed(db)
        self._completing = verifiers.Completing(db)
        self._salting: bytes | None = None
        self._now = now

    def close(self) -> None:
        self._threads.shutdown()
        self._last_used.close()
        self._completing.close()

    def verify(self, login: str, password: str, door: str, remote: str = "") -> Authenticated:
        """Who this is. door: "imap", "smtp", "web" or another mail door; remote: the peer's IP address.

        Raises BadCredentials, AccountLocked, MustChangePassword and NeedsAppPassword (mail doors), Throttled;
        StoreUnavailable if the database is away. Blocks: in async code use `averify`.
        """
        name = lookup_key(login)
        self._throttle.check(remote, name)
        account = self._accounts.load(name)
        credential = self._quickly(account, password, door)
        if credential is None:
            credential = self._slowly(account, password, remote, name)
        return self._signed_in(account, credential, door, remote, name, password)

    def by_passkey(self, prove: Callable[[], Principal], door: str, remote: str) -> Principal:
        """Who `prove` says this is, slowed down as passwords are. prove: its BadCredentials counts as a guess.

        Raises BadCredentials, AccountLocked, Throttled.
        """
        self._throttle.check(remote, PASSKEY)
        try:
            who = prove()
        except BadCredentials:
            self._throttle.failed(remote, PASSKEY, attempt=secrets.token_hex())
            log.info("login_failed", login=PASSKEY, door=door, remote=remote)
            raise
        self._throttle.succeeded(remote, PASSKEY)
        if who.status is not Status.ACTIVE:
            log.info("login_of_locked_account", login=who.address, door=door, remote=remote)
            raise AccountLocked
        return who

    async def averify(self, login: str, password: str, door: str, remote: str = "") -> Authenticated:
        """As `verify`, never blocking the loop; a login seen before costs it microseconds."""
        name = lookup_key(login)
        self._throttle.check(remote, name)
        account = await self._accounts.aload(name)
        credential = self._quickly(account, password, door)
        if credential is None:
            loop = asyncio.get_running_loop()
            credential = await loop.run_in_executor(self._threads, self._slowly, account, password, remote, name)
        return self._signed_in(account, credential, door, remote, name, password)

    def scram(self, *, plus: bool, bindings: Mapping[str, bytes], door: str, remote: str = "") -> ScramExchange:
        """An exchange in which somebody signs in at a mail door without sending a password (RFC 5802).

        plus: by the mechanism bound to the channel; bindings: see `scramexchange.Bindings`.
        """
        return ScramExchange(self, plus=plus, bindings=bindings, door=door, remote=remote)

    async def ascram_parameters(self, login: str, remote: str) -> tuple[str, bytes, int]:
        """The login as it is looked up, and the salt and iterations to prove its password with.

        A name that nobody has, or an account without verifier, gets such too, always the same. Raises
        Throttled, StoreUnavailable.
        """
        name = lookup_key(login)
        self._throttle.check(remote, name)
        async with _evenly():
            account = await self._accounts.aload(name)
            if account is not None and (known := account.with_verifier(self._now())):
                return name, known[0][1].salt, known[0][1].iterations
            meant = account.principal.address if account else await self._accounts.afull_name(name)
            return name, scram.salt_for(await self._salting_secret(), meant), scram.ITERATIONS

    async def ascram_verify(
        self, name: str, proves: Callable[[Verifier], bool], door: str, remote: str
    ) -> tuple[Authenticated, Verifier]:
        """Who this is, and the verifier that `proves` accepted. name: from `ascram_parameters`.

        The account is asked for anew: what was revoked since then counts for nothing. Raises as `verify`.
        """
        self._throttle.check(remote, name)
        async with _evenly():
            account = await self._accounts.aload(name)
        fitting = [pair for pair in (account.with_verifier(self._now()) if account else ()) if proves(pair[1])]
        credential, verifier = fitting[0] if fitting else (None, None)
        # Two proofs of one wrong password cannot be told to be the same: each counts as a guess.
        found = self._judged(account, credential, door, remote, name, attempt=secrets.token_hex())
        assert verifier is not None
        return found, verifier

    async def _salting_secret(self) -> bytes:
        if self._salting is None:
            loop = asyncio.get_running_loop()
            self._salting = await loop.run_in_executor(self._threads, verifiers.made_secret, self._db)
        return self._salting

    async def astands(self, known: Authenticated) -> bool:
        """Whether a sign-in at a mail door would still do now: its credential is in use, the account open.

        Asks the database, not a memory. Raises StoreUnavailable.
        """
        account = await self._db.aread(lambda conn: load_by_id(conn, known.principal.id))
        if account is None or account.principal.status is not Status.ACTIVE:
            return False
        if account.has_second and known.credential_kind == "password":
            return False
        current = [one for one in account.credentials if one.is_current(self._now())]
        return not any(one.must_change for one in current) and known.credential_id in [one.id for one in current]

    def _quickly(self, account: Account | None, password: str, door: str) -> Credential | None:
        """The credential that this password is known to fit, without argon2."""
        if account is None:
            return None
        now = self._now()
        for credential in account.of_kind("password", now):
            if self._verified.knows(credential, password):
                return credential
        if door == WEB:
            return None
        fitting = [one for one in account.of_kind("app", now) if passwords.app_matches(password, one.hash)]
        return fitting[0] if fitting else None

    def _slowly(self, account: Account | None, password: str, remote: str, name: str) -> Credential | None:
        """One argon2, whoever it is. Asks the throttle again: many may have queued up meanwhile."""
        self._throttle.check(remote, name)
        stored = account.of_kind("password", self._now()) if account else []
        fits = passwords.matches(password, stored[-1].hash if stored else None)
        if not fits:
            return None
        self._verified.remember(stored[-1], password)
        return stored[-1]

    def _signed_in(
        self, account: Account | None, credential: Credential | None, door: str, remote: str, name: str, password: str
    ) -> Authenticated:
        found = self._judged(account, credential, door, remote, name, attempt=password)
        if account is not None and credential is not None:
            self._completing.note(account, credential, password)
        return found

    def _judged(
        self, account: Account | None, credential: Credential | None, door: str, remote: str, name: str, *, attempt: str
    ) -> Authenticated:
        if account is None or credential is None:
            self._throttle.failed(remote, name, attempt=attempt)
            log.info("login_failed", login=name[:320], door=door, remote=remote)
            raise BadCredentials
        self._throttle.succeeded(remote, name)
        if account.principal.status is not Status.ACTIVE:
            log.info("login_of_locked_account", login=name[:320], door=door, remote=remote)
            raise AccountLocked
        must_change = any(one.must_change for one in account.of_kind("password", self._now()))
        if must_change and door != WEB:
            raise MustChangePassword
        if account.has_second and door != WEB and credential.kind == "password":
            raise NeedsAppPassword
        if not credential.opens(door):
            raise NotForThisDoor
        self._last_used.note(Use(credential.id, account.principal.id, door, remote, credential.label))
        return Authenticated(account.principal, credential.id, credential.kind, must_change, account.hidden)
