from __future__ import annotations

import pytest
from sqlalchemy import update

from mailserver.actor import SYSTEM
from mailserver.directory.schema import agency
from routing.errors import ProfileError
from routing.profile import load_profile, parse_profile, profile_of
from tests.routing.world import World

SOUND = """
title = "Thử"
regulation = "1/QĐ-THU"
[roles]
registry = ["register_incoming"]
[incoming]
route = [{ role = "director", assign = ["unit"] }]
[account]
scheme = "gl"
[backup]
rhythm = "daily"
"""


@pytest.mark.parametrize(
    ("name", "route", "return_to", "case", "result"),
    [
        ("hungbinh", ["director", "chief_of_office"], "direct_superior", True, False),
        ("db", ["director"], "sender_of_step", False, False),
        ("gl", ["director"], "sender_of_step", True, False),
        ("qn", ["director", "chief_of_office"], "direct_superior", True, False),
        ("tn", ["director"], "sender_of_step", True, False),
        ("kt", ["chief_of_office", "director", "chief_of_office"], "chief_of_office", True, True),
    ],
)
def test_each_regulation_is_data(name: str, route: list[str], return_to: str, case: bool, result: bool) -> None:
    profile = load_profile(name)
    assert [stage.role for stage in profile.incoming.route] == route
    assert profile.incoming.return_to == return_to
    assert profile.incoming.finish_requires_case_file is case
    assert profile.incoming.finish_requires_result is result
    assert "register_incoming" in profile.capabilities["registry"]
    assert "secret" in profile.forbidden


@pytest.mark.parametrize(
    ("was", "now", "key"),
    [
        ('title = "Thử"', "", "title: Field required"),
        ('rhythm = "daily"', 'rhythm = "hourly"', "backup.rhythm"),
        ('assign = ["unit"]', 'asign = ["unit"]', "incoming.route.0.asign"),
        ('role = "director"', 'role = "king"', "incoming.route.0.role"),
        ('["register_incoming"]', '["rule"]', "roles.registry.0"),
        ("[backup]", "[backup", "not TOML"),
        ("[account]", "[mail]\nmessage_size_limit = -1\n[account]", "mail.message_size_limit"),
        ("[account]", "[mail]\nundo_seconds = 7\n[account]", "mail.undo_seconds"),
    ],
)
def test_a_wrong_profile_names_the_file_and_the_key(was: str, now: str, key: str) -> None:
    assert parse_profile(SOUND, "thu.toml").title == "Thử"
    with pytest.raises(ProfileError, match=r"thu\.toml") as caught:
        parse_profile(SOUND.replace(was, now), "thu.toml")
    assert key in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "../secret", ""])
def test_an_unknown_profile_is_refused(name: str) -> None:
    with pytest.raises(ProfileError):
        load_profile(name)


def test_an_agency_changes_single_values_of_its_profile(world: World) -> None:
    def change(key: str, value: object) -> None:
        world.store.db.write(lambda tx: tx.conn.execute(update(agency).values(settings={key: value})), SYSTEM)

    def read() -> bool:
        return world.store.db.read(lambda conn: profile_of(conn, world.agency_id).incoming.finish_requires_case_file)

    assert read() is True
    change("incoming.finish_requires_case_file", False)
    assert read() is False
    change("incoming.finish_requires_casefile", False)
    with pytest.raises(ProfileError, match=r"settings of SXD: incoming\.finish_requires_casefile"):
        read()


def test_each_regulation_says_how_people_are_asked_for_comments() -> None:
    styles = {name: load_profile(name).comments.style for name in ("db", "gl", "qn", "tn", "kt", "hungbinh")}
    assert styles == {
        "db": "copied",
        "gl": "personal",
        "qn": "blue",
        "tn": "plain",
        "kt": "blue",
        "hungbinh": "blue",
    }
    assert [name for name in styles if load_profile(name).comments.copies_head] == ["db"]
    assert [name for name in styles if load_profile(name).comments.is_blue] == ["qn", "kt", "hungbinh"]
