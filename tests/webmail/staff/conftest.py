from __future__ import annotations

import pytest
from flask import Flask

from mailserver.actor import SYSTEM
from mailserver.directory.schema import person_role
from tests.routing.world import World
from tests.webmail.visitor import Visitor


@pytest.fixture
def keeper(app: Flask, world: World) -> Visitor:
    """An administrator."""
    role = {"person_id": world.id("anl"), "role": "it_admin", "unit_id": None}
    world.store.db.write(lambda tx: tx.conn.execute(person_role.insert().values(**role)), SYSTEM)
    return Visitor(app).signed_in("anl")
