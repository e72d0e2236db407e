"""What may be done with a post that somebody has reported: one table for every door.

123/QĐ-SCT, Điều 8: the administrator asks the director; 1581/QĐ-SGDDT, Điều 11 and 04/2017/QĐ-UBND, Điều 22 khoản 4:
the administrator deletes. Which it is says the profile, by whose role carries DECIDE.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from routing.standing import Standing

# Sees reports and hides; decides to delete or to show again.
MODERATE, DECIDE = "moderate_boards", "decide_posts"


@unique
class State(StrEnum):
    """Of a reported post. STAYS: it stands in its folder, and nobody has to decide."""

    REPORTED = "reported"
    HIDDEN = "hidden"
    PROPOSED = "proposed"
    DELETED = "deleted"
    STAYS = "stays"


@unique
class Act(StrEnum):
    """Equal to its word in forms and in the audit. SHOW: put it back where it stood."""

    REPORT = "report"
    HIDE = "hide"
    DISMISS = "dismiss"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    DELETE = "delete"
    SHOW = "show"


@dataclass(frozen=True, slots=True)
class Row:
    """by: a capability; "": whoever reads the folder. unless: who has this one as well does not need the act."""

    state: State
    act: Act
    next: State
    by: str
    unless: str = ""


ROWS = (
    Row(State.REPORTED, Act.REPORT, State.REPORTED, ""),
    Row(State.STAYS, Act.REPORT, State.REPORTED, ""),
    Row(State.REPORTED, Act.HIDE, State.HIDDEN, MODERATE),
    Row(State.STAYS, Act.HIDE, State.HIDDEN, MODERATE),
    Row(State.REPORTED, Act.DISMISS, State.STAYS, MODERATE),
    Row(State.HIDDEN, Act.PROPOSE, State.PROPOSED, MODERATE, unless=DECIDE),
    Row(State.PROPOSED, Act.WITHDRAW, State.HIDDEN, MODERATE, unless=DECIDE),
    Row(State.HIDDEN, Act.SHOW, State.STAYS, MODERATE),
    Row(State.HIDDEN, Act.DELETE, State.DELETED, DECIDE),
    Row(State.HIDDEN, Act.SHOW, State.STAYS, DECIDE),
    Row(State.PROPOSED, Act.DELETE, State.DELETED, DECIDE),
    Row(State.PROPOSED, Act.SHOW, State.STAYS, DECIDE),
    Row(State.DELETED, Act.SHOW, State.STAYS, DECIDE),
)
# What the poster is told, and the next one has to judge, needs a reason.
NEEDS_REASON = frozenset((Act.REPORT, Act.HIDE, Act.PROPOSE, Act.DELETE))
# Nobody but the poster and who decides sees the post.
UNSEEN = frozenset((State.HIDDEN, State.PROPOSED, State.DELETED))
OPEN = frozenset((State.REPORTED, State.HIDDEN, State.PROPOSED))


def acts_of(who: Standing, agency_id: int, state: State) -> dict[Act, State]:
    """What somebody may do in this state, and what follows; without REPORT, which every reader may."""
    return {
        row.act: row.next
        for row in ROWS
        if row.state is state and row.by and who.can(row.by, agency_id)
        if not (row.unless and who.can(row.unless, agency_id))
    }


def sees_all(who: Standing, agency_id: int) -> bool:
    return who.can(MODERATE, agency_id) or who.can(DECIDE, agency_id)
