"""The numbers on the rail: what they need to know of the reader is found out once a request."""

from __future__ import annotations

import pytest

from mailserver.directory import absences
from tests.webmail.visitor import Visitor


def test_for_whom_somebody_acts_is_asked_once_a_page(specialist: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, as_it_is = [], absences.deputised

    def counting(*args: object) -> object:
        asked.append(args)
        return as_it_is(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(absences, "deputised", counting)
    assert specialist.get("/dem").get_json()["comments"] == 0
    assert len(asked) == 1
