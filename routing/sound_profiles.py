"""The profiles of all agencies, for work that is done for one agency after the other."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from sqlalchemy import Connection

from mailserver.directory.agencies import agencies
from mailserver.directory.records import Agency
from routing.errors import ProfileError
from routing.profile import Profile, profile_of

log = structlog.get_logger("vanthu.routing")


def sound_profiles(conn: Connection, work: str) -> Iterator[tuple[Agency, Profile]]:
    """Each agency with its profile. One whose profile has a mistake is left out and the log says so: it must not stop
    the work for the others. work: what is not done for that agency, for the log."""
    for agency in agencies(conn):
        try:
            profile = profile_of(conn, agency.id)
        except ProfileError as error:
            log.error("a job leaves out an agency", job=work, agency=agency.code, error=str(error))
        else:
            yield agency, profile
