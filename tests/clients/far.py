"""The mailbox on the server, changed and looked at by a second session while a client is at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from imapclient import IMAPClient

from tests.clients.letters import letter, name_of
from tests.clients.server import User

PATIENCE_S = 60.0
# What synchronising programs carry over: flags that both IMAP and Maildir have.
LETTERS = {b"\\Draft": "D", b"\\Flagged": "F", b"\\Answered": "R", b"\\Seen": "S", b"\\Deleted": "T"}
MESSAGE_ID = b"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"

# Folder → name of the letter → Maildir letters of its flags.
Contents = dict[str, dict[str, str]]


class Far:
    """Letters are called by their names; every call leaves no folder selected that a client could miss news of."""

    def __init__(self, client: IMAPClient) -> None:
        self.client = client

    @classmethod
    @contextmanager
    def signed_in(cls, port: int, user: User) -> Iterator[Far]:
        with IMAPClient("127.0.0.1", port=port, ssl=False, timeout=PATIENCE_S) as client:
            client.login(user.address, user.password)
            yield cls(client)

    def append(self, folder: str, *names: str, flags: Sequence[bytes] = ()) -> None:
        """All in one command, with these flags."""
        answer, told = self.client.multiappend(folder, [{"msg": letter(name), "flags": flags} for name in names])
        assert answer == "OK", told

    def uids(self, folder: str, names: Sequence[str]) -> list[int]:
        """Their uids; the folder is selected. Raises KeyError for one that is not there."""
        every = self.client.fetch(self.uids_of_all(folder), [MESSAGE_ID]).items()
        found = {name_of(item[MESSAGE_ID.replace(b".PEEK", b"")]): uid for uid, item in every}
        return [found[name] for name in names]

    def uids_of_all(self, folder: str) -> list[int]:
        """Of all that is in a folder, which is selected."""
        self.client.select_folder(folder)
        return list(self.client.search())

    def octets(self, folder: str) -> list[bytes]:
        """The messages of a folder, oldest first."""
        found = self.client.fetch(self.uids_of_all(folder), ["BODY.PEEK[]"])
        return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def flag(self, folder: str, *names: str, add: Sequence[bytes] = (), remove: Sequence[bytes] = ()) -> None:
        uids = self.uids(folder, names)
        if add:
            self.client.add_flags(uids, add, silent=True)
        if remove:
            self.client.remove_flags(uids, remove, silent=True)

    def expunge(self, folder: str, *names: str) -> None:
        uids = self.uids(folder, names)
        self.client.delete_messages(uids, silent=True)
        self.client.uid_expunge(uids)

    def move(self, folder: str, target: str, *names: str) -> None:
        self.client.move(self.uids(folder, names), target)

    def contents(self, *folders: str) -> Contents:
        """What is in these folders; in all if none is named. Raises AssertionError if one letter is there twice."""
        return {
            name: self._contents(name)
            for _flags, _delimiter, name in self.client.list_folders()
            if not folders or name in folders
        }

    def _contents(self, folder: str) -> dict[str, str]:
        found: dict[str, str] = {}
        self.client.select_folder(folder, readonly=True)
        for item in self.client.fetch(self.client.search(), ["FLAGS", "BODY.PEEK[]"]).values():
            octets = item[b"BODY[]"]
            name = name_of(octets)
            assert name not in found, f"{name} is twice in {folder}"
            assert octets.endswith(letter(name).split(b"\r\n\r\n", 1)[1]), octets
            found[name] = "".join(sorted(LETTERS[flag] for flag in item[b"FLAGS"] if flag in LETTERS))
        return found

    def moment(self) -> dict[str, int]:
        """HIGHESTMODSEQ of every folder: the same later if nothing has been changed in between."""
        folders = [name for _flags, _delimiter, name in self.client.list_folders()]
        return {name: self.client.folder_status(name, ["HIGHESTMODSEQ"])[b"HIGHESTMODSEQ"] for name in folders}
