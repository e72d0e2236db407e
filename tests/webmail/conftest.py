from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from mailserver.actor import SYSTEM
from mailserver.directory.schema import person_role
from mailserver.store.store import Store
from tests.routing.world import World
from tests.webmail.rules import compiled_once
from tests.webmail.visitor import Visitor
from tests.webmail.world import web_services, web_settings, with_passwords
from webmail.app import create_app
from webmail.services import WebServices


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test has an application of its own; what they make of a template is compiled once for all."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", cache)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_rules() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture
def world(store: Store) -> World:
    """The agency of the routing tests, with passwords."""
    return with_passwords(store)


@pytest.fixture
def services(world: World) -> Iterator[WebServices]:
    made = web_services(world)
    yield made
    made.auth.close()


@pytest.fixture
def app(services: WebServices, tmp_path: Path) -> Flask:
    return create_app(services, web_settings(tmp_path / "cache"))


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """A browser that nobody has signed in with."""
    return Visitor(app)


@pytest.fixture
def clerk(app: Flask) -> Visitor:
    return Visitor(app).signed_in("anhhtk")


@pytest.fixture
def director(app: Flask) -> Visitor:
    return Visitor(app).signed_in("truongpk")


@pytest.fixture
def head(app: Flask) -> Visitor:
    """Of the unit qhkt."""
    return Visitor(app).signed_in("khoivd")


@pytest.fixture
def specialist(app: Flask) -> Visitor:
    return Visitor(app).signed_in("vankhain")


@pytest.fixture
def outsider(app: Flask) -> Visitor:
    """Somebody of the agency whom the papers of these tests do not concern."""
    return Visitor(app).signed_in("anl")


@pytest.fixture
def keeper(app: Flask, world: World) -> Visitor:
    """An administrator."""
    role = {"person_id": world.id("anl"), "role": "it_admin", "unit_id": None}
    world.store.db.write(lambda tx: tx.conn.execute(person_role.insert().values(**role)), SYSTEM)
    return Visitor(app).signed_in("anl")
