"""LIST and LSUB (RFC 3501 §6.3.8, §6.3.9), LIST-EXTENDED (RFC 5258), LIST-STATUS (RFC 5819),
CHILDREN (RFC 3348), SPECIAL-USE (RFC 6154), LIST-MYRIGHTS (RFC 8440)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from mailserver.imap import responses
from mailserver.imap.commands import acl, status
from mailserver.imap.commands.registry import AUTHENTICATED, command
from mailserver.imap.parser.cursor import Cursor
from mailserver.imap.parser.errors import ParseError
from mailserver.imap.patterns import Pattern, make_patterns
from mailserver.imap.responses import Reply, ok
from mailserver.imap.session import Session
from mailserver.store import namespaces, subscriptions
from mailserver.store.folders import Folder
from mailserver.store.letters import NONE, Letters
from mailserver.store.personal import as_seen_by

_SELECTIONS = frozenset((b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH", b"SPECIAL-USE"))
_RETURNS = frozenset((b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE", b"STATUS", b"MYRIGHTS"))
MAX_PATTERNS = 100


@dataclass(frozen=True, slots=True)
class ListCommand:
    """extended: the RFC 5258 form. status: items to send with each folder, () for none."""

    reference: str
    patterns: tuple[str, ...]
    selections: frozenset[bytes] = frozenset()
    returns: frozenset[bytes] = frozenset()
    status: tuple[bytes, ...] = ()
    extended: bool = False

    @classmethod
    def parse(cls, cursor: Cursor) -> ListCommand:
        cursor.space()
        extended = cursor.peek() == b"("
        selections: frozenset[bytes] = frozenset()
        if extended:
            selections = _known(cursor.items(lambda inner: inner.word("a selection option")), _SELECTIONS)
            cursor.space()
        reference = cursor.list_mailbox() if cursor.peek() != b" " else ""
        cursor.space()
        several = cursor.peek() == b"("
        patterns = cursor.items(Cursor.list_mailbox) if several else [cursor.list_mailbox()]
        returns, items = _parse_return(cursor)
        cursor.end()
        if len(patterns) > MAX_PATTERNS or not patterns:
            raise ParseError("Expected between one and 100 patterns")
        if b"RECURSIVEMATCH" in selections and b"SUBSCRIBED" not in selections:
            raise ParseError("RECURSIVEMATCH needs another selection option")  # RFC 5258 §3.1
        extended = extended or several or bool(returns)
        return cls(reference, tuple(patterns), selections, returns, items, extended)


def _known(words: Iterable[bytes], known: frozenset[bytes]) -> frozenset[bytes]:
    found = frozenset(words)
    if not found <= known:
        raise ParseError("Unknown option")
    return found


def _parse_return(cursor: Cursor) -> tuple[frozenset[bytes], tuple[bytes, ...]]:
    if cursor.at_end():
        return frozenset(), ()
    cursor.space()
    if cursor.word("RETURN") != b"RETURN":
        raise ParseError("Expected RETURN")
    cursor.space()
    items: list[bytes] = []

    def option(inner: Cursor) -> bytes:
        word = inner.word("a return option")
        if word == b"STATUS":
            inner.space()
            items.extend(status.parse_items(inner))
        return word

    return _known(cursor.items(option), _RETURNS), tuple(dict.fromkeys(items))


def parse_lsub(cursor: Cursor) -> ListCommand:
    cursor.space()
    reference = cursor.list_mailbox()
    cursor.space()
    pattern = cursor.list_mailbox()
    cursor.end()
    return ListCommand(reference, (pattern,))


@dataclass(frozen=True, slots=True)
class Node:
    """A name in the tree. folder: None for a name that only holds others, or only is subscribed to.
    rights: the person's letters on the folder."""

    name: str
    folder: Folder | None
    exists: bool
    rights: Letters = NONE


@dataclass(frozen=True, slots=True)
class Tree:
    """All names a person may list, and those subscribed to."""

    nodes: dict[str, Node]
    subscribed: frozenset[str]
    parents: frozenset[str]
    subscribed_parents: frozenset[str]
    more: dict[int, status.Figures]


def load_tree(conn: Connection, session: Session, items: tuple[bytes, ...] = ()) -> Tree:
    """items: of STATUS, that are to be told with each folder."""
    visible = namespaces.visible(conn, session.actor)
    folders_seen = as_seen_by(conn, [one.folder for one in visible if one.folder], session.actor)
    as_seen = {folder.id: folder for folder in folders_seen}
    nodes = {name: Node(name, folder and as_seen[folder.id], True, rights) for name, folder, rights in visible}
    chosen = subscriptions.chosen(conn, session.principal_id)
    shared = (name for name, node in nodes.items() if node.folder and node.folder.owner_id != session.principal_id)
    subscribed = chosen.names.union(name for name in shared if chosen.shows(name, own=False))
    more = status.more_figures(conn, session, folders_seen, items) if items else {}
    return Tree(nodes, subscribed, _parents(nodes), _parents(subscribed), more)


def _parents(names: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        levels = name.split("/")
        found.update("/".join(levels[:depth]) for depth in range(1, len(levels)))
    return frozenset(found)


def attributes(tree: Tree, node: Node) -> list[bytes]:
    """Special use is always among them, also in LSUB: Outlook asks no other way (Dovecot `cmd-list.c:542`)."""
    found: list[bytes] = []
    if not node.exists:
        found.append(b"\\NonExistent")
    elif node.folder is None:
        found.append(b"\\Noselect")
    found.append(b"\\HasChildren" if node.name in tree.parents else b"\\HasNoChildren")
    if node.folder is not None and node.folder.special_use:
        found.append(node.folder.special_use.encode("ascii"))
    return found


def list_line(
    session: Session, verb: bytes, found: Iterable[bytes], name: str, extra: bytes = b"", old_name: str = ""
) -> bytes:
    """A LIST or LSUB line. old_name: what the client called it, told where it is another (RFC 9051 §6.3.9.7)."""
    flags = responses.parenthesised(found)
    if old_name and old_name != name:
        extra += b' ("OLDNAME" (%b))' % session.mailbox(old_name)
    return b'* %b %b "/" %b%b\r\n' % (verb, flags, session.mailbox(name), extra)


@command("LIST", states=AUTHENTICATED, parse=ListCommand.parse)
async def list_(session: Session, cmd: ListCommand) -> Reply:
    """List folders by pattern; an empty pattern asks for the separator (RFC 3501 §6.3.8)."""
    if cmd.patterns == ("",) and not cmd.extended:
        session.say(b'* LIST (\\Noselect) "/" ""\r\n')
        return ok("Separator told")
    tree = await session.read(lambda conn: load_tree(conn, session, cmd.status))
    patterns = make_patterns(cmd.reference, cmd.patterns)
    for name in sorted(_candidates(tree, cmd), key=lambda name: (name != "INBOX", name)):
        if any(pattern.matches(name) for pattern in patterns):
            await _tell(session, tree, cmd, name)
    return ok("Folders listed")


def _candidates(tree: Tree, cmd: ListCommand) -> set[str]:
    if b"SUBSCRIBED" not in cmd.selections:
        return set(tree.nodes)
    names = set(tree.subscribed)
    if b"RECURSIVEMATCH" in cmd.selections:
        names |= tree.subscribed_parents
    return names


async def _tell(session: Session, tree: Tree, cmd: ListCommand, name: str) -> None:
    node = tree.nodes.get(name) or Node(name, None, False)
    use = node.folder.special_use if node.folder else None
    if b"SPECIAL-USE" in cmd.selections and not use:
        return
    found = attributes(tree, node)
    wants = cmd.selections | cmd.returns
    if b"SUBSCRIBED" in wants and name in tree.subscribed:
        found.append(b"\\Subscribed")
    extra = b""
    if b"RECURSIVEMATCH" in cmd.selections and name in tree.subscribed_parents:
        extra = b' ("CHILDINFO" ("SUBSCRIBED"))'
    session.say(list_line(session, b"LIST", found, name, extra))
    if node.folder is not None and b"MYRIGHTS" in cmd.returns:
        session.say(acl.my_rights_line(session, name, node.rights))
    if cmd.status and node.folder is not None and "r" in node.rights:
        session.say(status.status_line(session, name, node.folder, cmd.status, tree.more[node.folder.id]))
    await session.say_much()


@command("LSUB", states=AUTHENTICATED, parse=parse_lsub)
async def lsub(session: Session, cmd: ListCommand) -> Reply:
    """List what is subscribed to; with "%" also, as \\Noselect, parents of it (RFC 3501 §6.3.9)."""
    tree = await session.read(lambda conn: load_tree(conn, session))
    patterns = make_patterns(cmd.reference, cmd.patterns)
    names = {name for name in tree.subscribed if _matches(patterns, name)}
    levels: set[str] = set()
    if cmd.patterns[0].endswith("%"):
        levels = {name for name in tree.subscribed_parents if _matches(patterns, name)} - names
    for name in sorted(names | levels, key=lambda name: (name != "INBOX", name)):
        node = tree.nodes.get(name) or Node(name, None, True)
        found = attributes(tree, node) if name in names else [b"\\Noselect", b"\\HasChildren"]
        await session.say_much(list_line(session, b"LSUB", found, name))
    return ok("Subscriptions listed")


def _matches(patterns: list[Pattern], name: str) -> bool:
    return any(pattern.matches(name) for pattern in patterns)
