"""What a sender wants to be told of (RFC 3461), kept as JSON with a message that waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mailserver.delivery.envelope import Notify, Ret, Wish, Wishes


def written(wishes: Wishes, addresses: Collection[str]) -> dict[str, Any]:
    """Those about `addresses`."""
    of = {
        address: [None if wish.notify is None else sorted(one.value for one in wish.notify), wish.orcpt]
        for address, wish in wishes.of.items()
        if address in addresses
    }
    return {"ret": wishes.ret.value if wishes.ret else "", "envid": wishes.envid, "of": of}


def read(kept: Mapping[str, Any]) -> Wishes:
    of = {
        address: Wish(None if notify is None else frozenset(map(Notify, notify)), orcpt)
        for address, (notify, orcpt) in kept["of"].items()
    }
    return Wishes(Ret(kept["ret"]) if kept["ret"] else None, kept["envid"], of)
