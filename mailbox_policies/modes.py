"""How far a rule goes in an agency: Tắt → Chạy thử → Nhắc → Chặn.

The one place where a mode turns what a rule found into what follows from it. A rule itself always answers
as if in full force.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, unique

from mailbox_policies.verdict import ACCEPT, Action, Verdict


@unique
class Mode(Enum):
    """OFF: not asked. TRIAL: noted, nobody notices. WARN: noted, and on the web the writer is asked before
    sending. ENFORCE: what the rule says is done."""

    OFF = "off"
    TRIAL = "trial"
    WARN = "warn"
    ENFORCE = "enforce"


def weigh(mode: Mode, verdict: Verdict) -> Verdict:
    """What follows from a rule's verdict in this mode. Pure; never raises."""
    if mode is Mode.OFF:
        return ACCEPT
    if mode is Mode.TRIAL and verdict.marks:
        verdict = replace(verdict, marks=())
    if mode is Mode.ENFORCE or verdict.action is Action.ACCEPT:
        return verdict
    return replace(verdict, action=Action.ANNOTATE, would=verdict.action, warns=mode is Mode.WARN)
