"""How large a letter may be."""

from __future__ import annotations

from typing import Final

from webmail.auth.current import current_user
from webmail.services import services, settings

# Octets of a form beside its files: addresses, text, boundaries.
ROOM_FOR_FIELDS: Final = 1024 * 1024


def size_limit() -> int:
    """Octets that the writer's agency allows, as far as a form can carry them."""
    form = settings().max_request - ROOM_FOR_FIELDS
    return min(services().size_limit(current_user().agency_id) or form, form)
