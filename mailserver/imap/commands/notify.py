"""NOTIFY, and saying what has been noted for it (RFC 5465)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from mailserver.imap.commands.listing import list_line
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.commands.status import status_line
from mailserver.imap.fetch.answer import Answer
from mailserver.imap.fetch.items import Simple
from mailserver.imap.fetch.plan import make_plan, spans
from mailserver.imap.notify import notes
from mailserver.imap.notify.request import OF_MESSAGES, Group, Kind, Request, Scope
from mailserver.imap.notify.watch import KINDS, Watch
from mailserver.imap.responses import Reply, Status, ok, untagged
from mailserver.imap.session import Session, State
from mailserver.store import folders, namespaces, subscriptions
from mailserver.store.errors import StoreError
from mailserver.store.events import Event
from mailserver.store.folders import Folder
from mailserver.store.letters import ALL, NONE, Letters
from mailserver.store.personal import as_seen_by
from mailserver.store.subscriptions import Chosen

# Groups that may mean mailboxes of others.
_BEYOND = frozenset((Scope.SUBSCRIBED, Scope.SUBTREE, Scope.MAILBOXES))
_FIGURES = (b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN")


@command("NOTIFY", states=AUTHENTICATED, parse=Request.parse)
async def notify(session: Session, request: Request) -> Reply:
    """Tell of news from now on without being asked, in place of what an earlier NOTIFY wished.

    News of the open folder is told with the end of commands whatever is wished: its numbers must not
    mean something else on the two sides.
    """
    await tell(session)
    session.stop_watching()
    # What has happened before is no news, and the figures below have it.
    await session.services.store.feed.caught_up()
    if request.groups:
        boxes = await session.read(lambda conn: _boxes(conn, session, request))
        session.watch = Watch(request, frozenset(boxes), session.connection.poke)
        session.watch.shared = await session.read(lambda conn: _shared(conn, session, request))
        session.services.watches.add(session.watch)
    if request.status:
        for line in await session.read(lambda conn: _all_figures(conn, session, request)):
            await session.say_much(line)
    return ok("Notifications set")


async def tell(session: Session) -> None:
    """Say what has been noted since the last time, and what a command has yet to send of new messages."""
    watch = session.watch
    if watch is None:
        return
    if watch.overflowed:
        session.stop_watching()
        session.say(untagged(Status.OK, "Too much has happened; look for yourself", b"NOTIFICATIONOVERFLOW"))
        return
    group = watch.request.selected
    if group is not None and watch.pushes:
        session.tell(expunges=session.idling or group.scope is Scope.SELECTED)
    await tell_arrived(session)
    if watch.pending():
        stale, watch.stale = watch.stale, False
        touched, named = watch.take()
        owners, lines = await session.read(lambda conn: _lines(conn, session, watch, touched, named))
        if stale:
            session.say(*await session.read(lambda conn: _gained_and_lost(conn, session, watch)))
        if stale:
            session.services.watches.look_at(watch, owners)
        session.say(*lines)


async def tell_arrived(session: Session) -> None:
    """Send what MessageNew asks for of messages that have been told of (RFC 5465 §5.2)."""
    if not session.arrived or session.watch is None or session.state is not State.SELECTED:
        return
    indexes = session.view.indexes_of(session.arrived)
    session.arrived.clear()
    answer = Answer(session, make_plan((Simple.UID, *session.watch.items)))
    try:
        for span in spans(indexes):
            await answer.send(span)
    except StoreError:  # the client has to look for itself
        session.watch.overflowed = True


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox as the person sees it: what stands in front of its folders' names, and the rights there, on all
    folders and on single ones."""

    prefix: str
    rights: Letters
    shared: Mapping[int, Letters] = field(default_factory=dict)

    def may(self, right: str, folder_id: int | None) -> bool:
        return right in self.rights or right in self.shared.get(folder_id or 0, NONE)


def _boxes(conn: Connection, session: Session, request: Request) -> dict[int, Box]:
    """By owner; those that the request can be about."""
    found = {session.principal_id: Box("", ALL)}
    if any(group.scope in _BEYOND for group in request.others):
        for node, mailbox in namespaces.nodes(conn, session.actor):
            found[mailbox.owner_id] = Box(f"{node}/", mailbox.rights, mailbox.shared)
    return found


def _shared(conn: Connection, session: Session, request: Request) -> dict[int, str]:
    """The folders of others that may be listed, where the request wants to hear of their names."""
    if not any(group.scope in _BEYOND and Kind.NAME in group.kinds for group in request.others):
        return {}
    visible = namespaces.visible(conn, session.actor)
    own = session.principal_id
    return {one.folder.id: one.name for one in visible if one.folder is not None and one.folder.owner_id != own}


def _gained_and_lost(conn: Connection, session: Session, watch: Watch) -> list[bytes]:
    """What may be listed since rights have changed, and what no longer (RFC 5465 §5.9)."""
    before, now = watch.shared, _shared(conn, session, watch.request)
    watch.shared = now
    subscribed = _subscribed(conn, session, watch.request)
    lost = [one.id for one in folders.of_ids(conn, before.keys() - now.keys())]
    told: list[tuple[str, tuple[bytes, ...]]] = [(now[one], ()) for one in now if one not in before]
    told += [(before[one], (b"\\NoAccess",)) for one in lost]
    wanted = watch.request.others
    return [
        list_line(session, b"LIST", attributes, name)
        for name, attributes in told
        if _is_told(wanted, name, False, subscribed, {Kind.NAME})
    ]


def _subscribed(conn: Connection, session: Session, request: Request) -> Chosen:
    if not any(group.scope is Scope.SUBSCRIBED for group in request.others):
        return Chosen()
    return subscriptions.chosen(conn, session.principal_id)


def _is_told(groups: Iterable[Group], name: str, own: bool, subscribed: Chosen, kinds: set[Kind]) -> bool:
    """Whether one of `kinds` is to be told of a folder: the first group that asks for it decides, and one
    that asks for nothing ends the search (RFC 5465 §5)."""
    for group in groups:
        if _is_about(group, name, own, subscribed):
            if not group.kinds:
                return False
            if group.kinds & kinds:
                return True
    return False


def _is_about(group: Group, name: str, own: bool, subscribed: Chosen) -> bool:
    match group.scope:
        case Scope.PERSONAL:
            return own
        case Scope.INBOXES:
            return own and name == "INBOX"
        case Scope.SUBSCRIBED:
            return subscribed.shows(name, own)
        case Scope.SUBTREE:
            return any(name == top or name.startswith(f"{top}/") for top in group.names)
        case _:
            return name in group.names


def _lines(
    conn: Connection, session: Session, watch: Watch, touched: dict[int, set[Kind]], named: list[Event]
) -> tuple[Collection[int], list[bytes]]:
    """Whose mailboxes to look at, and the lines to say."""
    request = watch.request
    boxes, subscribed = _boxes(conn, session, request), _subscribed(conn, session, request)
    found: list[bytes] = []
    for event in named:
        found.extend(_happened(conn, session, watch, event, boxes, subscribed))
    for folder in as_seen_by(conn, folders.of_ids(conn, touched), session.actor):
        box = boxes.get(folder.owner_id)
        if box is not None and box.may("r", folder.id) and not session.has_open(folder.id) and watch.is_new(folder):
            name, own = box.prefix + folder.name, folder.owner_id == session.principal_id
            if _is_told(request.others, name, own, subscribed, touched[folder.id]):
                found.append(_figures(session, name, folder))
    return boxes, found


def _happened(
    conn: Connection,
    session: Session,
    watch: Watch,
    event: Event,
    boxes: Mapping[int, Box],
    subscribed: Chosen,
) -> Iterable[bytes]:
    """What happened to a folder's name, to a subscription, or to notes."""
    request, box, kind = watch.request, boxes.get(event.owner_id or 0), KINDS[event.kind]
    if kind is Kind.SERVER_NOTES:
        if notes.may_see(conn, session, event):
            yield notes.line(session, "", event)
    elif event.kind == "folder.deleted" and event.folder_id in watch.shared:  # its rights have gone with it
        name = watch.shared.pop(event.folder_id)
        if _is_told(request.others, name, False, subscribed, {Kind.NAME}):
            yield list_line(session, b"LIST", (b"\\NonExistent",), name)
    elif box is None or not box.may("l", event.folder_id):
        return
    elif kind is Kind.NOTES:
        yield from _noted(conn, session, request, event, box, subscribed)
    else:
        if event.folder_id in watch.shared or (box.prefix and event.kind == "folder.created"):
            watch.shared[event.folder_id or 0] = box.prefix + event.data["name"]
        yield from _named(session, request, event, box, subscribed)


def _named(session: Session, request: Request, event: Event, box: Box, subscribed: Chosen) -> Iterable[bytes]:
    """What happened to a folder's name, as a LIST line (RFC 5465 §5.4, §5.5)."""
    kind, own = KINDS[event.kind], event.owner_id == session.principal_id
    prefix = "" if kind is Kind.SUBSCRIPTION else box.prefix
    name = prefix + event.data["name"]
    old = prefix + event.data["old"] if "old" in event.data else ""
    known = subscribed._replace(names=subscribed.names | {name}) if kind is Kind.SUBSCRIPTION else subscribed
    if not any(_is_told(request.others, one, own, known, {kind}) for one in (name, old) if one):
        return
    attributes = {"folder.deleted": (b"\\NonExistent",), "folder.subscribed": (b"\\Subscribed",)}
    yield list_line(session, b"LIST", attributes.get(event.kind, ()), name, old_name=old)


def _noted(
    conn: Connection, session: Session, request: Request, event: Event, box: Box, subscribed: Chosen
) -> Iterable[bytes]:
    """What happened to notes on a folder that may be listed; for who may read it too (RFC 5464 §3.3)."""
    own = event.owner_id == session.principal_id
    for folder in folders.of_ids(conn, [event.folder_id or 0]):
        name, may = box.prefix + folder.name, box.may("r", folder.id) and notes.may_see(conn, session, event)
        if may and _is_told(request.others, name, own, subscribed, {Kind.NOTES}):
            yield notes.line(session, name, event)


def _figures(session: Session, name: str, folder: Folder) -> bytes:
    return status_line(session, name, folder, (*_FIGURES, b"HIGHESTMODSEQ") if session.condstore else _FIGURES)


def _all_figures(conn: Connection, session: Session, request: Request) -> list[bytes]:
    """How all mailboxes stand whose messages are watched, but for the open one (RFC 5465 §3.1)."""
    subscribed, kinds = _subscribed(conn, session, request), set(OF_MESSAGES)
    found: list[tuple[str, Folder]] = []
    for name, folder, rights in namespaces.visible(conn, session.actor):
        if folder is None or "r" not in rights or session.has_open(folder.id):
            continue
        if _is_told(request.others, name, folder.owner_id == session.principal_id, subscribed, kinds):
            found.append((name, folder))
    figures = as_seen_by(conn, [folder for _, folder in found], session.actor)
    return [_figures(session, name, folder) for (name, _), folder in zip(found, figures, strict=True)]
