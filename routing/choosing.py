"""Whom an actor may choose when giving a document on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.directory import absences
from mailserver.directory.principals import holder, people, posts, unit_of, units
from routing import steps
from routing.errors import RoutingError
from routing.incoming.loading import Loaded, load
from routing.incoming.stages import receivers, stage_receiver
from routing.parties import parties, to_party
from routing.types import Assignees, Party, Role, State


def assignees(conn: Connection, actor: Actor, step_id: int, now: datetime) -> Assignees:
    """The choices for a step, by the route of the agency's profile. Raises DocumentMissing."""
    loaded = load(conn, steps.get(conn, step_id).document_id, actor, now)
    agency_id = loaded.document.agency_id
    everybody = [to_party(one) for one in people(conn, agency_id)]
    all_units = [to_party(one.principal) for one in units(conn, agency_id)]
    all_posts = list(parties(conn, [one.id for one in posts(conn, agency_id)], loaded.today).values())
    following = _next_stage(conn, loaded)
    everybody, all_posts = _with_absences(conn, everybody, loaded), _with_absences(conn, all_posts, loaded)
    return Assignees(
        units=tuple(all_units) if "unit" in _allowed(loaded) else (),
        people=_people(conn, loaded, everybody),
        cc=(*all_units, *all_posts, *everybody),
        next_stage=following,
        may_pass_on=following is not None,
    )


def submit_to(conn: Connection, actor: Actor, document_id: int, now: datetime) -> tuple[Party, ...]:
    """Before whom a registered document may be put, the profile's choice first. Raises DocumentMissing."""
    loaded = load(conn, document_id, actor, now)
    ids = receivers(conn, loaded.document.agency_id, loaded.journey.rules, 0, loaded.today)
    known = parties(conn, ids, loaded.today)
    return tuple(_with_absences(conn, [known[one] for one in ids], loaded))


def _with_absences(conn: Connection, offered: list[Party], loaded: Loaded) -> list[Party]:
    """Who is away today, or whose holder is, with the last day of it."""
    away = absences.of_agency(conn, loaded.document.agency_id, loaded.today)
    if not away:
        return offered
    people = {one.id: holder(conn, one.id, loaded.today) if one.kind == "post" else one.id for one in offered}
    return [
        replace(one, away_until=found.ends_on) if (found := away.get(people[one.id] or 0)) else one for one in offered
    ]


def _allowed(loaded: Loaded) -> tuple[str, ...]:
    place = loaded.journey.place
    if place.state is State.AWAITING and place.stage is not None and Role.DECIDER in loaded.roles:
        return loaded.journey.rules.route[place.stage].assign
    return ()


def _people(conn: Connection, loaded: Loaded, everybody: list[Party]) -> tuple[Party, ...]:
    """All people for a leader who may pass over heads, those of the unit for its head."""
    if "person" in _allowed(loaded):
        return tuple(everybody)
    if Role.UNIT_HEAD not in loaded.roles:
        return ()
    unit_id = loaded.journey.place.unit_id
    return tuple(one for one in everybody if unit_of(conn, one.id) == unit_id)


def _next_stage(conn: Connection, loaded: Loaded) -> Party | None:
    place, rules = loaded.journey.place, loaded.journey.rules
    if place.stage is None or Role.DECIDER not in loaded.roles or place.stage + 1 >= len(rules.route):
        return None
    try:
        following = stage_receiver(conn, loaded.document.agency_id, rules, place.stage + 1, loaded.today)
    except RoutingError:
        return None
    assert following.holder is not None
    return parties(conn, [following.holder], loaded.today)[following.holder]
