"""What a reader says with the keywords that mail programs put on mail, and keeping them true to what a move says.

`$Junk` and `$NotJunk` are registered (RFC 5788); programs older than that set `Junk`, `NonJunk`, `NotJunk`. A keyword
says what a move says, of the mailbox in which the message lies, and the last word of either kind counts:

    unwanted               spam
    wanted, in Junk        ham
    wanted, said spam      ham
    wanted, anything else  nothing, as a move between other folders

The last because Thunderbird by itself puts `NonJunk` on all mail in which its own filter finds nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from mailbox_policies.spam import lessons
from mailserver.actor import Actor
from mailserver.delivery.mailboxes import JUNK_KEYWORD
from mailserver.store import access
from mailserver.store.errors import KeywordsInvalid
from mailserver.store.events import Event
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.folders import Folder
from mailserver.store.tx import Tx

# In small letters: keywords are the same in any case (RFC 9051 §2.3.2).
UNWANTED: Final = ("$junk", "junk")
WANTED: Final = ("$notjunk", "nonjunk", "notjunk")
# Who says something of the mail in a mailbox could as well move it (RFC 4314 §4).
_RIGHTS: Final = frozenset("te")


def meaning(added: Collection[str]) -> str | None:
    """What keywords say that were added at once: `lessons.SPAM`, `lessons.HAM`, or None for nothing.

    added: in any case. Both kinds together say nothing.
    """
    small = {keyword.lower() for keyword in added}
    unwanted, wanted = not small.isdisjoint(UNWANTED), not small.isdisjoint(WANTED)
    if unwanted is wanted:
        return None
    return lessons.SPAM if unwanted else lessons.HAM


def note_tx(tx: Tx, folder: Folder, event: Event, *, in_junk: bool) -> None:
    """Take what was added as a lesson for the mailbox; a keyword of the other kind is out of date then.

    What the program itself adds says nothing. in_junk: whether the folder is Junk or below it.
    """
    if event.actor_id is None:
        return
    said = _said(event.data["added"])
    if not said or not access.rights_on(tx.conn, Actor(event.actor_id, None, "system"), folder) >= _RIGHTS:
        return
    for wish, found in said.items():
        messages = {message for _uid, message in found}
        if wish == lessons.HAM and not in_junk:
            messages = lessons.unwanted_among(tx.conn, folder.owner_id, messages)
        lessons.wish_tx(tx, folder.owner_id, sorted(messages), wish, event.actor_id)
        # Only where nobody has said anything since: the next event is about that.
        _drop_tx(tx, folder.id, [uid for uid, _message in found], wish, unchanged_since=event.data["modseq"])


def _said(added: Mapping[str, Sequence[tuple[int, int]]]) -> dict[str, list[tuple[int, int]]]:
    """Uids and messages by what is said of them."""
    keywords: dict[tuple[int, int], list[str]] = {}
    for keyword, entries in added.items():
        for uid, message in entries:
            keywords.setdefault((uid, message), []).append(keyword)
    found: dict[str, list[tuple[int, int]]] = {}
    for entry, words in sorted(keywords.items()):
        if (said := meaning(words)) is not None:
            found.setdefault(said, []).append(entry)
    return found


def follow_tx(tx: Tx, folder_id: int, uids: Sequence[int], said: str) -> None:
    """A move has said something of mail that lies here now, which its keywords are to say too. Raises FolderMissing."""
    _drop_tx(tx, folder_id, uids, said)
    if said == lessons.SPAM:
        with suppress(KeywordsInvalid):  # as many as an entry may have
            store_flags_tx(tx, folder_id, uids, FlagChange.ADD, 0, (JUNK_KEYWORD,))


def _drop_tx(tx: Tx, folder_id: int, uids: Sequence[int], said: str, unchanged_since: int | None = None) -> None:
    other = WANTED if said == lessons.SPAM else UNWANTED
    store_flags_tx(tx, folder_id, uids, FlagChange.REMOVE, 0, other, unchanged_since)
