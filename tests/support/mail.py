"""Messages and mailboxes for tests of the store."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from mailserver.actor import SYSTEM
from mailserver.store import entries, folders
from mailserver.store.folders import Folder
from mailserver.store.ingest import prepare, store_message_tx
from mailserver.store.store import Store
from mailserver.store.tx import Tx


def letter(subject: str = "Lịch họp", text: str = "Kính gửi các đồng chí", number: int = 1) -> bytes:
    """A small mail with CRLF line ends."""
    encoded = base64.b64encode(subject.encode()).decode()
    header = (
        f"From: =?utf-8?q?Nguy=E1=BB=85n_V=C4=83n_An?= <an.nguyen@so.example.vn>\r\n"
        f"To: <van.thu@so.example.vn>\r\nSubject: =?utf-8?b?{encoded}?=\r\n"
        f"Date: Mon, 05 Jan 2026 08:00:00 +0700\r\nMessage-ID: <{number}@so.example.vn>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return f"{header}{text}\r\n".encode()


def wrapped(content: bytes, width: int = 76) -> bytes:
    """Base64 in lines of `width`, CRLF after each."""
    text = base64.b64encode(content)
    return b"".join(text[at : at + width] + b"\r\n" for at in range(0, len(text), width))


def with_file(content: bytes, *, name: str = "scan.bin", width: int = 76, media: str = "image/jpeg") -> bytes:
    """A mail with one attachment in base64."""
    return b"".join(
        (
            b"From: a@b.vn\r\nSubject: file\r\nMIME-Version: 1.0\r\n",
            b'Content-Type: multipart/mixed; boundary="edge"\r\n\r\n--edge\r\n',
            b"Content-Type: text/plain\r\n\r\nxem file\r\n--edge\r\n",
            f"Content-Type: {media}\r\nContent-Transfer-Encoding: base64\r\n".encode(),
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode(),
            wrapped(content, width),
            b"--edge--\r\n",
        )
    )


@dataclass(frozen=True)
class Box:
    """One mailbox in a store, driven as the doors drive it."""

    store: Store
    owner_id: int

    @classmethod
    def make(cls, store: Store, owner_id: int = 1) -> Box:
        store.db.write(lambda tx: folders.create_standard_tx(tx, owner_id), SYSTEM)
        return cls(store, owner_id)

    def folder(self, name: str = "INBOX") -> Folder:
        return self.store.db.read(lambda conn: folders.get(conn, self.owner_id, name))

    def put(self, data: bytes | None = None, name: str = "INBOX", flags: int = 0, keywords: str = "") -> int:
        """Append a mail; its uid."""
        prepared = prepare(letter() if data is None else data, self.store.blobs)
        folder_id = self.folder(name).id
        return self.store.db.write(
            lambda tx: entries.append_tx(tx, folder_id, prepared, flags, keywords, 1_767_571_200), SYSTEM
        )

    def put_many(self, count: int, name: str = "INBOX") -> list[int]:
        prepared = prepare(letter(), self.store.blobs)
        folder_id = self.folder(name).id

        def work(tx: Tx) -> list[int]:
            pk = store_message_tx(tx, prepared)
            return [entries.append_tx(tx, folder_id, pk, 0, "", 1) for _ in range(count)]

        return self.store.db.write(work, SYSTEM)

    def rows(self, name: str = "INBOX") -> list[entries.Row]:
        folder_id = self.folder(name).id
        return list(self.store.db.read(lambda conn: entries.snapshot(conn, folder_id)))

    def uids(self, name: str = "INBOX") -> list[int]:
        return [row.uid for row in self.rows(name)]
