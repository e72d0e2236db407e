"""Who may do what with an order; every door asks here, and finds no order where the answer is nothing.

| who | waiting | in force | ended | closed |
|---|---|---|---|---|
| the leader who gave it | takes it back | ends it, minutes | minutes, closes it | minutes |
| who may confirm | confirms, refuses | ends it | sees it | sees it |
| inspectors | – | reads, minutes | minutes | sees it |
| other leaders who may order | see it | end it | minutes, close it | minutes |
| whose mailbox it is | – | – | – | – |

Whose mailbox it is are all who may open it in their own right: of a unit's also its head and delegates. They
learn of it on the page "Ai đã mở hộp thư của tôi", as the profile says (`telling`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum, unique

from sqlalchemy import Connection

from routing.errors import DocumentMissing
from routing.inspection import orders
from routing.inspection.orders import Order, State
from routing.profile import profile_of
from routing.standing import Standing

ORDER, CONFIRM = "order_inspection", "confirm_inspection"


@unique
class Act(StrEnum):
    """Equal to its word in forms. SEE: know of it."""

    SEE = "see"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    READ = "read"
    END = "end"
    MINUTES = "minutes"
    CLOSE = "close"


def may_order(conn: Connection, who: Standing) -> bool:
    """Whether the regulation of the agency has inspections at all, and lets this person order them."""
    return (
        who.agency_id is not None and who.can(ORDER, who.agency_id) and profile_of(conn, who.agency_id).mail.inspection
    )


def is_concerned(who: Standing, owner_id: int) -> bool:
    """Whether it is their own mailbox, or one they open in their own right."""
    return owner_id == who.person_id or owner_id in who.acts_for or owner_id in who.reads


def acts_of(who: Standing, order: Order, now: datetime) -> frozenset[Act]:
    """What a person may do with an order at `now`; nothing: there is none for them."""
    gave = order.ordered_by_id == who.person_id
    if who.person_id is None or (is_concerned(who, order.wish.owner_id) and not gave):
        return frozenset()
    leads, state = gave or who.can(ORDER, order.agency_id), order.state_at(now)
    confirms = not gave and who.can(CONFIRM, order.agency_id) and who.person_id not in order.wish.inspectors
    inspects = who.person_id in order.wish.inspectors and state in orders.WAS_IN_FORCE
    found = {Act.SEE} if leads or confirms or inspects or order.decided_by_id == who.person_id else set()
    match state:
        case State.WAITING:
            found |= ({Act.WITHDRAW} if gave else set()) | ({Act.CONFIRM, Act.REFUSE} if confirms else set())
        case State.CONFIRMED:
            found |= {Act.END} if leads or confirms else set()
            found |= {Act.READ} if inspects else set()
            found |= {Act.MINUTES} if inspects or gave else set()
        case State.ENDED:
            found |= {Act.MINUTES} if inspects or leads else set()
            found |= {Act.CLOSE} if leads else set()
        case State.CLOSED:
            found |= {Act.MINUTES} if leads else set()
    return frozenset(found)


def must(conn: Connection, who: Standing, order_id: int, act: Act, now: datetime) -> Order:
    """The order, if they may. Raises DocumentMissing: what one may not do with an order, one need not know of."""
    order = orders.get(conn, order_id)
    if act not in acts_of(who, order, now):
        raise DocumentMissing()
    return order


def listing(conn: Connection, who: Standing, now: datetime, most: int) -> list[Order]:
    """The orders somebody may see, the newest first."""
    if who.person_id is None or who.agency_id is None:
        return []
    offices = who.capabilities & {ORDER, CONFIRM}
    found = orders.of_agency(conn, who.agency_id, most) if offices else orders.naming(conn, who.person_id, most)
    return [one for one in found if acts_of(who, one, now)]
