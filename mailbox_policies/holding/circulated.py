"""By which distribution lists a kept message goes to whom, kept as JSON with it.

It is what held when the message came in: what is let go leaves as if nothing had kept it, whatever has become of the
list since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailserver.delivery.circulation import ListCopy, Portion
from mailserver.directory.mailing_lists import OPEN, Terms


def written(lists: Iterable[Portion]) -> list[dict[str, Any]]:
    return [
        {
            "list_id": one.copy.terms.list_id,
            "agency_id": one.copy.terms.agency_id,
            "address": one.copy.terms.address,
            "title": one.copy.terms.title,
            "owner": one.copy.terms.owner,
            "name": one.copy.name,
            "members": sorted(one.copy.members),
            "outside": list(one.copy.outside),
            "moderated": one.copy.held,
            "fields": [list(field) for field in one.fields],
        }
        for one in lists
    ]


def read(kept: Sequence[Mapping[str, Any]]) -> tuple[Portion, ...]:
    """Of the terms, what is needed to let it go."""
    return tuple(
        Portion(
            ListCopy(
                Terms(one["list_id"], one["agency_id"], one["address"], one["title"], OPEN, one["owner"]),
                one["name"],
                frozenset(one["members"]),
                tuple(one["outside"]),
                one["moderated"],
            ),
            tuple((name, value) for name, value in one["fields"]),
        )
        for one in kept
    )
