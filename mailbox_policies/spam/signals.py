"""What besides its words speaks for or against a message: proofs of its sender, and whether the agency knows it.

In the unit of the classifier's score, the mean of log odds. Zero is what the classifier's threshold was measured on:
a sender of whom nothing is proved and who writes for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, unique
from typing import Final

from mailserver.opinions import Reason
from mailserver.senderauth.results import Outcome, Results


@unique
class Acquaintance(Enum):
    """NONE: no mail was exchanged with the address. HEARD: it has written before. WRITTEN_TO: we have."""

    NONE = "none"
    HEARD = "heard"
    WRITTEN_TO = "written-to"


DMARC_FAILS: Final = 0.15
SPF_FAILS: Final = 0.1
SPF_SOFTLY: Final = 0.05
# Only what is proved to be by the author it names gets anything for being known: anybody can write any name.
PROVED: Final = -0.05
HEARD: Final = -0.15
# So much that nothing outweighs it.
WRITTEN_TO: Final = -20.0


def signals(found: Results, known: Acquaintance) -> Iterator[Reason]:
    """Each as a reason with its weight; "first-contact" weighs nothing, but is told."""
    if found.dmarc.outcome is Outcome.FAIL:
        yield Reason("dmarc-fail", found.dmarc.domain, DMARC_FAILS)
    elif found.spf.outcome is Outcome.FAIL:
        yield Reason("spf-fail", found.spf.domain, SPF_FAILS)
    elif found.spf.outcome is Outcome.SOFTFAIL:
        yield Reason("spf-fail", found.spf.domain, SPF_SOFTLY)
    if known is Acquaintance.NONE:
        yield Reason("first-contact", "", 0.0)
    if found.aligned:
        yield Reason("proved", found.dmarc.domain, PROVED)
        if known is not Acquaintance.NONE:
            yield Reason(known.value, "", WRITTEN_TO if known is Acquaintance.WRITTEN_TO else HEARD)
