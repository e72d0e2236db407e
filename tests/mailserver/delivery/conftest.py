"""A delivery over a real store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailserver.delivery.delivery import Delivery
from mailserver.store.store import Store
from tests.support.office import Office, found_office

NOW = datetime(2024, 3, 5, 1, 30, tzinfo=UTC)


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


@pytest.fixture
def delivery(store: Store, office: Office) -> Delivery:
    return Delivery(store, "mail.sct.test", lambda: NOW)
