"""The rule by which an agency's regulation names accounts."""

from __future__ import annotations

from sqlalchemy import Connection

from mailserver.directory import naming
from mailserver.directory.agencies import agency_by_id
from routing.profile import profile_of


def naming_scheme(conn: Connection, agency_id: int) -> naming.Scheme:
    """The scheme of the agency's profile; who works in no unit works in the agency itself
    (04/2017/QĐ-UBND, Điều 7 khoản 2: the abbreviation of the office where a name is taken)."""
    account = profile_of(conn, agency_id).account
    office = agency_by_id(conn, agency_id).code
    return naming.scheme(account.scheme, suffix=account.suffix or None, office=office)
