"""What may be deleted from a mailbox, and whether it is worth a letter."""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.cleanup.proposals import Summary

# What is not worth a letter: less than this together, in octets, while there is room in the mailbox.
LEAST = 20 * 1024 * 1024
# Of a mailbox this full a letter is worth while that frees so much of its limit.
FULL, FREES = 0.8, 0.01


@dataclass(frozen=True, slots=True)
class Found:
    """What may be deleted from one mailbox that somebody answers for."""

    owner_id: int
    name: str
    is_own: bool
    used: int
    limit: int
    summary: Summary

    @property
    def is_worth_it(self) -> bool:
        octets = self.summary.octets
        full = self.limit > 0 and self.used >= FULL * self.limit
        return octets >= LEAST or (full and octets >= FREES * self.limit)
