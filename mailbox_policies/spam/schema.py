"""The tables of the classifier.

Invariants:

- A row of `spam_scope` counts the messages learned for a mailbox, a unit or an agency; each row of `spam_feature`
  how many of them had a feature, as far as it has not been pruned. No row has two zeros.
- `spam_lesson.learned` and `scopes` say what of a message is in those counts now; both change in the transaction that
  changes the counts, so that a message is counted once and can be taken back.
- Nothing here holds words of a message but `spam_judgement`, which only who may read the message is shown.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, SmallInteger, String, Table, UniqueConstraint
from sqlalchemy import text as sql

from mailserver.store.columns import BigId, UtcTime
from mailserver.store.schema import metadata

spam_scope = Table(
    "spam_scope",
    metadata,
    # The principal: a person, unit, post or group with what was learned from its own mailbox (and for a unit from its
    # people's), or the agency's with what was learned from all.
    Column("scope_id", BigId, primary_key=True, autoincrement=False),
    Column("ham", Integer, nullable=False),
    Column("spam", Integer, nullable=False),
)

spam_feature = Table(
    "spam_feature",
    metadata,
    Column("scope_id", BigId, primary_key=True, autoincrement=False),
    # A signed number of 64 bits, see `counts.key`: what people write stands nowhere in words.
    Column("feature", BigInteger, primary_key=True, autoincrement=False),
    Column("ham", Integer, nullable=False),
    Column("spam", Integer, nullable=False),
    # Days since 1970 when it was learned last: what has not been for long is pruned first.
    Column("seen", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What a mailbox's mail was moved for. Not a foreign key: a message may go before it is learned, or stay counted after.
spam_lesson = Table(
    "spam_lesson",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("owner_id", BigId, nullable=False),
    Column("message_pk", BigId, nullable=False),
    # ham | spam, as the last move says.
    Column("wish", String(4), nullable=False),
    # ham | spam, and the scopes in which it is counted; NULL: in none.
    Column("learned", String(4)),
    Column("scopes", JSON),
    # Whether the worker has something to do.
    Column("waiting", Boolean, nullable=False),
    # Who moved it; NULL: the system.
    Column("actor_id", BigId),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("owner_id", "message_pk"),
    Index(None, "message_pk"),
    sqlite_autoincrement=True,
)
Index("ix_spam_lesson_waiting", spam_lesson.c.id, sqlite_where=sql("waiting"), postgresql_where=sql("waiting"))

# Mail from outside that came to a mailbox some days ago at most: what becomes of it is looked at then.
spam_arrival = Table(
    "spam_arrival",
    metadata,
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    Column("owner_id", BigId, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

# What was found when a message came, for mail that looked unwanted.
spam_judgement = Table(
    "spam_judgement",
    metadata,
    Column("message_pk", BigId, primary_key=True, autoincrement=False),
    Column("owner_id", BigId, primary_key=True, autoincrement=False),
    # junk | suspect
    Column("outcome", String(8), nullable=False),
    # 0 to 100, and from how many it was unwanted then.
    Column("points", SmallInteger, nullable=False),
    Column("most", SmallInteger, nullable=False),
    # [code, detail, weight], the strongest first; see `mailserver.opinions.Reason`.
    Column("reasons", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

# Addresses outside with which an agency has had mail, each as a number of 64 bits.
spam_sender = Table(
    "spam_sender",
    metadata,
    Column("agency_id", BigId, primary_key=True, autoincrement=False),
    Column("address", BigInteger, primary_key=True, autoincrement=False),
    # Whether somebody of the agency has written to it.
    Column("written_to", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)
