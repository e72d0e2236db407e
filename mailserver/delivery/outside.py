"""What happens to recipients who are not ours. The outbound queue takes this function's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mailserver.delivery.errors import ExternalRecipientRefused

# Called with the addresses outside, before anything is stored; raises to refuse the whole message.
Outside = Callable[[Sequence[str]], None]


def refuse_outside(addresses: Sequence[str]) -> None:
    """Sending outside is not switched on. Raises ExternalRecipientRefused."""
    raise ExternalRecipientRefused(addresses)
