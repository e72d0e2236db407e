"""Making acts: who receives, on whose behalf, with whom in copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.principals import Kind, Principal, Status, get, unit_of
from mailserver.text import nfc, storable
from routing.errors import Incomplete, NoSuchMove
from routing.incoming.journey import Act, Place
from routing.incoming.loading import Loaded
from routing.incoming.performing import MakeAct
from routing.types import Action, Cc, State

REOPEN_NOTICE = "Lãnh đạo mở lại văn bản đã kết thúc. Lý do: {reason}"
SKIP_NOTICE = "Lãnh đạo giao trực tiếp cho {name}; gửi trưởng đơn vị để biết."


def act_of(
    loaded: Loaded,
    action: Action,
    text: str,
    *,
    to: Place | None = None,
    due_on: date | None = None,
    cc: tuple[Cc, ...] = (),
) -> Act:
    """What the actor of `loaded` wants to do."""
    return Act(
        action=action,
        roles=loaded.roles,
        actor_id=loaded.standing.person_id,
        today=loaded.today,
        to=to,
        text=words(text),
        cc=tuple(replace(one, text=words(one.text)) for one in cc),
        due_on=due_on,
        on_behalf_of=loaded.acting_for,
    )


def words(text: str) -> str:
    """What somebody typed, as it is kept: Unicode NFC, LF line ends, nothing a database refuses."""
    return storable(nfc(text.replace("\r\n", "\n"))).strip()


def finishing(result: str) -> MakeAct:
    """Kết thúc, for the service and for the folder behaviours."""

    def make_act(conn: Connection, loaded: Loaded) -> Act:
        return act_of(loaded, Action.FINISH, result, to=Place(State.FINISHED))

    return make_act


def receiver(conn: Connection, principal_id: int, agency_id: int) -> Principal:
    """A unit, post or person of the agency that can be given a step. Raises Incomplete("main")."""
    try:
        found = get(conn, principal_id)
    except NoSuchPrincipal:
        raise Incomplete("main") from None
    usable = found.kind in (Kind.UNIT, Kind.PERSON, Kind.POST) and found.status is not Status.LEFT
    if found.agency_id != agency_id or not usable:
        raise Incomplete("main")
    return found


def place_for(conn: Connection, main: Principal) -> Place:
    """With a unit or with a person; a post is no main handler: its holder is. Raises Incomplete."""
    if main.kind is Kind.UNIT:
        return Place(State.WITH_UNIT, main.id, unit_id=main.id)
    if main.kind is Kind.PERSON:
        return Place(State.WITH_HANDLER, main.id, unit_id=unit_of(conn, main.id))
    raise Incomplete("main")


def with_skipped_head(loaded: Loaded, place: Place, main: Principal, cc: tuple[Cc, ...]) -> tuple[Cc, ...]:
    """A leader who gives straight to a specialist lets the unit know (132/QĐ-STTTT, Điều 9 khoản 4)."""
    from_leader = loaded.journey.place.state is State.AWAITING and place.state is State.WITH_HANDLER
    known = {one.principal_id for one in cc}
    if not from_leader or place.unit_id is None or place.unit_id in known:
        return cc
    return (*cc, Cc(place.unit_id, SKIP_NOTICE.format(name=main.name)))


def reopening_place(conn: Connection, loaded: Loaded) -> Place:
    """With whoever closed the document; with the unit, if that person has left. Raises NoSuchMove if it is open."""
    trail = loaded.journey.trail
    if loaded.journey.place.state is not State.FINISHED or len(trail) < 2:
        raise NoSuchMove()
    last = trail[-1]
    if last.unit_id is not None and last.holder is not None and get(conn, last.holder).status is Status.LEFT:
        return Place(State.WITH_UNIT, last.unit_id, unit_id=last.unit_id)
    return last


def registry_told(loaded: Loaded, to: Place, reason: str) -> tuple[Cc, ...]:
    """The registry, in copy: it leads the register in which the document stood as settled."""
    registry = loaded.journey.trail[0].holder
    if registry is None or registry == to.holder or not reason.strip():
        return ()
    return (Cc(registry, REOPEN_NOTICE.format(reason=reason.strip())),)
