"""The links of files as their sender sees them: whose, until when, and whether the file was fetched by them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from mailbox_policies.sentfiles.schema import sent_file_link, sent_file_link_fetch


@dataclass(frozen=True, slots=True)
class Link:
    """What somebody outside has. address: theirs. left_at, expires_at: None until its letter has left. times: how
    often the file was fetched by it, first_at, last_at: when."""

    id: int
    address: str
    left_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    times: int
    first_at: datetime | None
    last_at: datetime | None


def of_files(conn: Connection, file_ids: Collection[int]) -> dict[int, list[Link]]:
    """The links of files, with how often, when first and when last each was used."""
    table, fetch = sent_file_link.c, sent_file_link_fetch.c
    counted: dict[int, Any] = {
        row.link_id: row
        for row in conn.execute(
            select(fetch.link_id, func.count().label("times"), func.min(fetch.at), func.max(fetch.at))
            .join(sent_file_link, table.id == fetch.link_id)
            .where(table.file_id.in_(file_ids))
            .group_by(fetch.link_id)
        )
    }
    found: dict[int, list[Link]] = {}
    for row in conn.execute(select(sent_file_link).where(table.file_id.in_(file_ids)).order_by(table.id)):
        _id, times, first, last = counted.get(row.id, (row.id, 0, None, None))
        link = Link(row.id, row.address, row.left_at, row.expires_at, row.ended_at, times, first, last)
        found.setdefault(row.file_id, []).append(link)
    return found
