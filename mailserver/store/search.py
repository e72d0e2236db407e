"""Full text behind one interface: FTS5 on SQLite, tsvector with GIN on PostgreSQL.

What is kept and what is asked for go through the same mill: `text.fold`, then words of letters and
digits with one space between, so that an address is found by any of its parts. A search finds its
words as a phrase; the last one may be the beginning of a longer word.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Connection

from mailserver.store import raw
from mailserver.store.tx import Tx
from mailserver.text import fold

_NO_WORD = re.compile(r"[^\w ]|_")
# Plain ASCII takes a path eight times as fast.
_ASCII_NO_WORD = {code: " " for code in range(128) if not chr(code).isalnum()}
# No word of a language is longer; PostgreSQL refuses lexemes over 2,046 octets.
_LONGEST_WORD = 64
# Characters of text a message is found by, attachments included (a tsvector has 1 MiB at most).
TEXT_LIMIT = 400_000

_INSERT_TEXT = "INSERT INTO message_text (message_pk, head, body, complete) VALUES (?, ?, ?, ?)"
_INSERT_FTS = "INSERT INTO message_fts (rowid, head, body) VALUES (?, ?, ?)"
_DELETE_FTS = "INSERT INTO message_fts (message_fts, rowid, head, body) VALUES ('delete', ?, ?, ?)"

SQLITE_DDL = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS message_fts USING fts5(head, body, content='message_text',"
    " content_rowid='message_pk', tokenize='unicode61 remove_diacritics 0')",
)
POSTGRESQL_DDL = (
    "ALTER TABLE message_text ADD COLUMN IF NOT EXISTS lexemes tsvector GENERATED ALWAYS AS"
    " (array_to_tsvector(array_remove(string_to_array(head || ' ' || body, ' '), ''))) STORED",
    "CREATE INDEX IF NOT EXISTS ix_message_text_lexemes ON message_text USING gin (lexemes)",
)


def words(folded: str) -> str:
    """The words of a folded text with one space between; the end of very long ones is dropped."""
    text = folded.translate(_ASCII_NO_WORD) if folded.isascii() else _NO_WORD.sub(" ", folded)
    found = text[:TEXT_LIMIT].split()
    if found and max(map(len, found)) > _LONGEST_WORD:
        found = [word[:_LONGEST_WORD] for word in found]
    return " ".join(found)


def _fts_query(wanted: str, where: str) -> str:
    column = "" if where == "text" else f"{where} : "
    return f'{column}"{wanted}" *'


def _phrase(wanted: str, where: str) -> tuple[str, tuple[str, ...]]:
    """PostgreSQL: the index gives the messages that hold all the words; then the phrase is looked for in the text."""
    columns = ("head", "body") if where == "text" else (where,)
    phrase = " OR ".join(f"' ' || t.{column} LIKE ?" for column in columns)
    first, *rest = reversed(wanted.split(" "))
    lexemes = " & ".join([f"'{first}':*", *(f"'{word}'" for word in rest)])
    return f"t.lexemes @@ ?::tsquery AND ({phrase})", (lexemes, *[f"% {wanted}%"] * len(columns))


def create_index(conn: Connection) -> None:
    """Make the index over `message_text`, for tests and for the first migration."""
    for statement in SQLITE_DDL if raw.is_sqlite(conn) else POSTGRESQL_DDL:
        conn.exec_driver_sql(statement)


class SearchIndex:
    """The index over the texts of all messages. `head` and `body` come as `words` makes them of folded text:
    before the transaction, which holds up every other writer."""

    def index_tx(self, tx: Tx, message_pk: int, head: str, body: str, *, complete: bool = False) -> None:
        """Make a message findable from this commit on. complete: its attachments are in `body` too."""
        raw.run(tx.conn, _INSERT_TEXT, (message_pk, head, body, complete))
        if raw.is_sqlite(tx.conn):
            # FTS5 writes a segment at every savepoint that follows an insertion: so, once a group.
            tx.defer(_INSERT_FTS, message_pk, (message_pk, head, body))

    def remove_tx(self, tx: Tx, message_pk: int) -> None:
        found = raw.row(tx.conn, "SELECT head, body FROM message_text WHERE message_pk = ?", (message_pk,))
        if found is None:
            return
        if raw.is_sqlite(tx.conn) and not tx.withdraw(_INSERT_FTS, message_pk):
            raw.run(tx.conn, _DELETE_FTS, (message_pk, *found))
        raw.run(tx.conn, "DELETE FROM message_text WHERE message_pk = ?", (message_pk,))

    def add_text_tx(self, tx: Tx, message_pk: int, text: str) -> None:
        """Add the text of the attachments, folded, which completes the message's entry."""
        query = "SELECT head, body FROM message_text WHERE message_pk = ? AND NOT complete"
        found = raw.row(tx.conn, query, (message_pk,))
        if found is None:
            return
        self.remove_tx(tx, message_pk)
        self.index_tx(tx, message_pk, found[0], words(f"{found[1]} {text}"), complete=True)

    def match(self, conn: Connection, folder_id: int, query: str, where: str) -> set[int]:
        """The message_pks in a folder that hold the words of `query` in sequence.

        query: as typed; where: "head", "body" or "text" for either. "" matches every message, a
        query without any letter or digit none.
        """
        wanted = words(fold(query))
        if not wanted:
            return self._everything(conn, folder_id) if not query.strip() else set()
        if raw.is_sqlite(conn):
            sql = (
                "SELECT e.message_pk FROM message_fts f CROSS JOIN entry e ON e.message_pk = f.rowid"
                " WHERE message_fts MATCH ? AND e.folder_id = ?"
            )
            found = raw.rows(conn, sql, (_fts_query(wanted, where), folder_id))
        else:
            found = self._match_postgresql(conn, folder_id, wanted, where)
        return {row[0] for row in found}

    def match_in_range(self, conn: Connection, span: tuple[int, int], query: str, where: str) -> set[int]:
        """As `match`, for the message_pks from span[0] to span[1] whatever their folders: the caller leaves out what is
        not in the folder that may be read.

        To look up the folder of each find takes as long as to find it.
        """
        wanted = words(fold(query))
        if not wanted:
            return set() if query.strip() else set(range(span[0], span[1] + 1))
        if raw.is_sqlite(conn):
            # One row: 5,000 of them cost four times what it takes to find them.
            sql = "SELECT json_group_array(rowid) FROM message_fts WHERE message_fts MATCH ? AND rowid BETWEEN ? AND ?"
            return set(raw.from_json(raw.rows(conn, sql, (_fts_query(wanted, where), *span))[0][0]))
        condition, params = _phrase(wanted, where)
        sql = f"SELECT t.message_pk FROM message_text t WHERE t.message_pk BETWEEN ? AND ? AND {condition}"
        return {row[0] for row in raw.rows(conn, sql, (*span, *params))}

    def _match_postgresql(self, conn: Connection, folder_id: int, wanted: str, where: str) -> list[tuple[int]]:
        condition, params = _phrase(wanted, where)
        sql = (
            "SELECT e.message_pk FROM entry e JOIN message_text t ON t.message_pk = e.message_pk"
            f" WHERE e.folder_id = ? AND {condition}"
        )
        found: list[tuple[int]] = raw.rows(conn, sql, (folder_id, *params))
        return found

    def held_with(
        self,
        conn: Connection,
        owner_ids: Collection[int],
        folder_ids: Collection[int],
        phrase: str,
        where: str,
        most: int,
    ) -> set[int]:
        """The oldest messages, at most `most`, that have the words of `phrase` in sequence and lie in these mailboxes
        or folders, drafts and junk aside.

        phrase: as `words` makes it, not empty; where: "head" or "body".
        """
        owned, owners = raw.among(conn, "o.owner_id", owner_ids)
        shared, folders = raw.among(conn, "o.id", folder_ids or {0})
        held = (
            "EXISTS (SELECT 1 FROM entry e JOIN folder o ON o.id = e.folder_id WHERE e.message_pk = {}"
            f" AND ({owned} OR {shared}) AND coalesce(o.special_use, '') NOT IN ('\\Drafts', '\\Junk'))"
        )
        if raw.is_sqlite(conn):
            sql = (
                f"SELECT rowid FROM message_fts WHERE message_fts MATCH ? AND {held.format('message_fts.rowid')}"
                " ORDER BY rowid LIMIT ?"
            )
            found = raw.rows(conn, sql, (f'{where} : "{phrase}"', owners, folders, most))
        else:
            sql = (
                "SELECT t.message_pk FROM message_text t WHERE t.lexemes @@ ?::tsquery"
                f" AND ' ' || t.{where} || ' ' LIKE ? AND {held.format('t.message_pk')} ORDER BY t.message_pk LIMIT ?"
            )
            lexemes = " & ".join(f"'{word}'" for word in dict.fromkeys(phrase.split(" ")))
            found = raw.rows(conn, sql, (lexemes, f"% {phrase} %", owners, folders, most))
        return {row[0] for row in found}

    def within(self, conn: Connection, message_pks: Collection[int], query: str, where: str) -> set[int]:
        """Those of the messages that have the words of `query` anywhere, inside longer words too.

        Reads all their text; arguments and what is found otherwise as `match`.
        """
        wanted = words(fold(query))
        if not wanted or not message_pks:
            return set() if query.strip() else set(message_pks)
        function = "instr" if raw.is_sqlite(conn) else "strpos"
        columns = ("head", "body") if where == "text" else (where,)
        fits = " OR ".join(f"{function}({column}, ?) > 0" for column in columns)
        condition, numbers = raw.among(conn, "message_pk", message_pks)
        sql = f"SELECT message_pk FROM message_text WHERE {condition} AND ({fits})"
        return {row[0] for row in raw.rows(conn, sql, (numbers, *[wanted] * len(columns)))}

    def _everything(self, conn: Connection, folder_id: int) -> set[int]:
        found = raw.rows(conn, "SELECT message_pk FROM entry WHERE folder_id = ?", (folder_id,))
        return {row[0] for row in found}
