"""What a client wants to be told of (RFC 5465 §5, §6, §8): event groups as values, and their parser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from mailserver.imap.fetch.items import Item, parse_items
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import NameRefused, ParseError

MAX_GROUPS = 50
MAX_NAMES = 500  # mailboxes named in one command


@unique
class Kind(Enum):
    """Events; the value is the name on the wire."""

    NEW = "MessageNew"
    EXPUNGE = "MessageExpunge"
    FLAGS = "FlagChange"
    NAME = "MailboxName"
    SUBSCRIPTION = "SubscriptionChange"
    NOTES = "MailboxMetadataChange"
    SERVER_NOTES = "ServerMetadataChange"


@unique
class Scope(Enum):
    """`filter-mailboxes`; the value is the name on the wire."""

    SELECTED = b"SELECTED"
    SELECTED_DELAYED = b"SELECTED-DELAYED"
    INBOXES = b"INBOXES"
    PERSONAL = b"PERSONAL"
    SUBSCRIBED = b"SUBSCRIBED"
    SUBTREE = b"SUBTREE"
    MAILBOXES = b"MAILBOXES"


OF_SELECTED = frozenset((Scope.SELECTED, Scope.SELECTED_DELAYED))
OF_MESSAGES = frozenset((Kind.NEW, Kind.EXPUNGE, Kind.FLAGS))
_KINDS = {kind.value.upper().encode(): kind for kind in Kind}
_SCOPES = {scope.value: scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class Group:
    """Events of some mailboxes. names: of SUBTREE and MAILBOXES. kinds: none of them means that nothing is
    told of these mailboxes. items: to send of new messages in the open folder, () for none."""

    scope: Scope
    names: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """groups: in the order sent, () for NONE. status: tell of all mailboxes at once how they stand."""

    groups: tuple[Group, ...] = ()
    status: bool = False

    @property
    def selected(self) -> Group | None:
        """The group about the open folder."""
        return next((group for group in self.groups if group.scope in OF_SELECTED), None)

    @property
    def others(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.scope not in OF_SELECTED)

    @classmethod
    def parse(cls, cursor: Cursor) -> Request:
        """Raises NameRefused [BADEVENT] for events there are none of here (RFC 5465 §5)."""
        cursor.space()
        word = cursor.word("SET or NONE")
        if word == b"NONE":
            cursor.end()
            return cls()
        if word != b"SET":
            raise ParseError("Expected SET or NONE")
        cursor.space()
        status = cursor.peek() != b"("
        if status:
            if cursor.word("STATUS or an event group") != b"STATUS":
                raise ParseError("Expected STATUS or an event group")
            cursor.space()
        groups = [_parse_group(cursor)]
        while not cursor.at_end():
            cursor.space()
            groups.append(_parse_group(cursor))
        cursor.end()
        _check(groups)
        return cls(tuple(groups), status)


def _check(groups: list[Group]) -> None:
    if sum(group.scope in OF_SELECTED for group in groups) > 1:
        raise ParseError("Only one group can be about the selected mailbox")
    if len(groups) > MAX_GROUPS or sum(len(group.names) for group in groups) > MAX_NAMES:
        raise NameRefused("Too much to watch", b"NOTIFICATIONOVERFLOW")


def _parse_group(cursor: Cursor) -> Group:
    cursor.expect(b"(", "an event group")
    scope = _SCOPES.get(cursor.word("mailboxes"))
    if scope is None:
        raise ParseError("Unknown choice of mailboxes")
    names: list[str] = []
    if scope in (Scope.SUBTREE, Scope.MAILBOXES):
        cursor.space()
        names = cursor.items(Cursor.mailbox) if cursor.peek() == b"(" else [cursor.mailbox()]
    cursor.space()
    kinds, items = _parse_events(cursor, scope)
    cursor.expect(b")", "the end of the event group")
    return Group(scope, tuple(names), kinds, items)


def _parse_events(cursor: Cursor, scope: Scope) -> tuple[frozenset[Kind], tuple[Item, ...]]:
    if cursor.peek() != b"(":
        if cursor.word("events or NONE") != b"NONE":
            raise ParseError("Expected events or NONE")
        return frozenset(), ()
    words: list[bytes] = []
    items: list[Item] = []

    def event(inner: Cursor) -> None:
        words.append(inner.word("an event"))
        if words[-1] == b"MESSAGENEW" and inner.skip(b" ("):
            inner.at -= 1
            items.extend(parse_items(inner))

    cursor.items(event)
    if not words:
        raise ParseError("Expected an event")
    if any(word not in _KINDS for word in words):
        known = " ".join(kind.value for kind in Kind)
        raise NameRefused("There are no such events", b"BADEVENT (%b)" % known.encode())
    kinds = frozenset(_KINDS[word] for word in words)
    if (Kind.NEW in kinds) != (Kind.EXPUNGE in kinds) or (Kind.FLAGS in kinds and Kind.NEW not in kinds):
        raise ParseError("MessageNew and MessageExpunge go together, and FlagChange with them")
    if scope in OF_SELECTED and not kinds <= OF_MESSAGES:
        raise ParseError("Of the selected mailbox only messages can be told")
    if items and scope not in OF_SELECTED:
        raise ParseError("Only of the selected mailbox can messages be fetched")
    return kinds, tuple(items)
