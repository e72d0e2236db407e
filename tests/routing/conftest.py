from __future__ import annotations

import pytest

from mailserver.store.store import Store
from tests.routing.world import World, build


@pytest.fixture
def world(store: Store) -> World:
    """The demo agency's regulation with a handful of its people."""
    return build(store)
