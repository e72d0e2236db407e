"""Who a session belongs to, from before the sign-in to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, unique

from mailserver.actor import Actor
from mailserver.imap.output import Output
from mailserver.store.errors import StoreError


@unique
class State(Enum):
    """RFC 3501 §3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


@dataclass(slots=True, eq=False)
class Account(Output):
    """hidden: capabilities kept from this account."""

    state: State = field(default=State.NOT_AUTHENTICATED, init=False)
    hidden: frozenset[str] = field(default=frozenset(), init=False)
    _actor: Actor | None = field(default=None, init=False)
    _stands: Callable[[], Awaitable[bool]] | None = field(default=None, init=False)
    _places: list[Callable[[], None]] = field(default_factory=list, init=False)

    @property
    def actor(self) -> Actor:
        """The person signed in; only in states after authentication."""
        assert self._actor is not None
        return self._actor

    @property
    def principal_id(self) -> int:
        assert self._actor is not None and self._actor.principal_id is not None
        return self._actor.principal_id

    @property
    def locale(self) -> str:
        return self._actor.locale if self._actor else "vi"

    def sign_in(self, actor: Actor, stands: Callable[[], Awaitable[bool]], place: Callable[[], None]) -> None:
        """stands: see `services.SignedIn`. place: gives the counted connection of this user back, see `admission`."""
        self._actor = actor
        self._stands = stands
        self._places.append(place)
        self.state = State.AUTHENTICATED

    def hold(self, place: Callable[[], None]) -> None:
        """Take over a counted place until `release`."""
        self._places.append(place)

    def give_back(self) -> None:
        """Give back what is counted, once."""
        while self._places:
            self._places.pop()()

    def signed_in_as(self, principal_ids: set[int | None]) -> bool:
        return self._actor is not None and self._actor.principal_id in principal_ids

    async def check_sign_in(self) -> None:
        """End the conversation if its sign-in would not do any more, or nobody can say (fail closed)."""
        try:
            stands = self._stands is not None and await self._stands()
        except StoreError:
            stands = False
        if not stands:
            self.connection.interrupt("Please sign in again", b"EXPIRED")
