"""Which documents an actor may see: one condition, for lists and search alike."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select

from routing.schema import document, step
from routing.standing import Standing


def visible(standing: Standing) -> ColumnElement[bool]:
    """Condition on `document`: all of the agency for leaders and registry, else those with a step of theirs."""
    own_agency = document.c.agency_id == standing.agency_id
    if {"view_all_documents", "view_register"} & standing.capabilities and _sees_all(standing):
        return own_agency
    mine = select(step.c.document_id).where(step.c.assignee_id.in_(standing.reads))
    return and_(own_agency, document.c.id.in_(mine))


def _sees_all(standing: Standing) -> bool:
    """The clerk of a subordinate centre has the role, but not the agency's mailbox."""
    return "view_all_documents" in standing.capabilities or standing.agency_mailbox in standing.acts_for
