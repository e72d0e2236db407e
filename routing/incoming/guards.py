"""Guards of the transitions: one small predicate each. A guard raises Incomplete or lets pass."""

from __future__ import annotations

import re
from collections.abc import Callable

from mailserver.text import fold
from routing.errors import Incomplete
from routing.incoming.journey import Act, Journey
from routing.profile import Stage
from routing.types import Role, Secrecy, State, Treatment

Guard = Callable[[Journey, Act], None]

# Characters (30/2020/NĐ-CP, Phụ lục VI, where it names them).
LIMITS = {
    "summary": 500,
    "summary_original": 500,
    "issuer": 200,
    "notation": 40,
    "type_name": 100,
    "signer": 50,
    "signer_position": 100,
    "subject_field": 100,
    "procedure": 100,
    "note": 500,
}
MAX_WORDS = 20_000  # characters of an instruction, reason, opinion or result
_NUMBER = re.compile(r"\d{1,6}[A-Za-z]?(/\d{4})?")
# Subjects that say nothing (132/QĐ-STTTT, Điều 9 khoản 1: not "V/v mời họp").
_GENERIC = re.compile(
    r"(v/v|ve viec)?\s*(moi hop|giay moi|bao cao|gop y|xin y kien|trien khai|thong bao|to trinh|cong van)?[.\s]*"
)


def fields_filled(journey: Journey, act: Act) -> None:
    """The register's required columns (1201/QĐ-SYT, Điều 5 khoản 1)."""
    fields = journey.fields
    if not fields.issuer.strip():
        raise Incomplete("issuer")
    if not fields.summary.strip():
        raise Incomplete("summary")
    if fields.number and not _NUMBER.fullmatch(fields.number):
        raise Incomplete("number")


def fields_fit(journey: Journey, act: Act) -> None:
    for name, limit in LIMITS.items():
        if len(getattr(journey.fields, name)) > limit:
            raise Incomplete(name, "too-long", limit=limit)


def words_fit(journey: Journey, act: Act) -> None:
    if any(len(words) > MAX_WORDS for words in (act.text, *(cc.text for cc in act.cc))):
        raise Incomplete("text", "too-long", limit=MAX_WORDS)


def summary_says_something(journey: Journey, act: Act) -> None:
    """A trích yếu that names the matter (132/QĐ-STTTT, Điều 9 khoản 1)."""
    if _GENERIC.fullmatch(fold(journey.fields.summary)):
        raise Incomplete("summary", "summary-generic")


def not_secret(journey: Journey, act: Act) -> None:
    """No secret document in the system (1201/QĐ-SYT, Điều 3 khoản 5, Điều 5 khoản 1)."""
    if journey.fields.secrecy is not Secrecy.NORMAL:
        raise Incomplete("secrecy")


def has_files(journey: Journey, act: Act) -> None:
    """Nothing travels without its scan or file (123/QĐ-SCT, Điều 7 khoản 2)."""
    if journey.files == 0:
        raise Incomplete("files")


def reason_given(journey: Journey, act: Act) -> None:
    if not act.text.strip():
        raise Incomplete("reason")


def text_given(journey: Journey, act: Act) -> None:
    if not act.text.strip():
        raise Incomplete("text")


def instruction_given(journey: Journey, act: Act) -> None:
    if not act.text.strip():
        raise Incomplete("instruction")


def cc_has_words(journey: Journey, act: Act) -> None:
    """Everybody in copy once and with words of their own (132/QĐ-STTTT, Điều 10 khoản 9)."""
    if not all(cc.text.strip() for cc in act.cc):
        raise Incomplete("cc")
    receivers = [cc.principal_id for cc in act.cc]
    if act.to is not None and act.to.holder is not None:
        receivers.append(act.to.holder)
    if len(receivers) != len(set(receivers)):
        raise Incomplete("cc", "cc-twice")


def cc_named(journey: Journey, act: Act) -> None:
    if not act.cc:
        raise Incomplete("cc")


def confirmed(journey: Journey, act: Act) -> None:
    """What the leader confirms before passing on (132/QĐ-STTTT, Điều 9 khoản 2, 3)."""
    values = {
        "type_name": journey.fields.type_name,
        "subject_field": journey.fields.subject_field,
        "due_on": act.due_on or journey.fields.due_on,
    }
    for name in journey.rules.confirm:
        if not values[name]:
            raise Incomplete(name)


def due_ahead(journey: Journey, act: Act) -> None:
    if act.due_on is not None and act.due_on < act.today:
        raise Incomplete("due_on", "due-past")


def due_given(journey: Journey, act: Act) -> None:
    if act.due_on is None:
        raise Incomplete("due_on")


def later(journey: Journey, act: Act) -> None:
    """More time is a later day (04/2017/QĐ-UBND, Điều 11 khoản 6 điểm c)."""
    if act.due_on is not None and journey.deadline is not None and act.due_on <= journey.deadline:
        raise Incomplete("due_on", "due-not-later", due=f"{journey.deadline:%d/%m/%Y}")


def within_the_limit(journey: Journey, act: Act) -> None:
    """The deadline of the whole document is the leaders' (04/2017/QĐ-UBND, Điều 11 khoản 6 điểm c)."""
    if Role.LEADER in act.roles or act.due_on is None or journey.limit is None:
        return
    if act.due_on > journey.limit:
        raise Incomplete("due_on", "due-leaders", limit=f"{journey.limit:%d/%m/%Y}")


def unit_allowed(journey: Journey, act: Act) -> None:
    """The stage may give a document to a unit."""
    if "unit" not in _stage(journey).assign:
        raise Incomplete("main", "main-not-allowed")


def person_allowed(journey: Journey, act: Act) -> None:
    """The stage may pass over the head of the unit (132/QĐ-STTTT, Điều 9 khoản 4)."""
    if "person" not in _stage(journey).assign:
        raise Incomplete("main", "main-not-allowed")


def handler_in_unit(journey: Journey, act: Act) -> None:
    """A head assigns inside the unit (1201/QĐ-SYT, Điều 5 khoản 4)."""
    unit = journey.place.unit_id
    if unit is None or act.to is None or act.to.unit_id != unit:
        raise Incomplete("main", "main-outside-unit")


def next_in_route(journey: Journey, act: Act) -> None:
    """Passing on leads to the very next stage of the route."""
    here = journey.place.stage
    there = act.to.stage if act.to else None
    if here is None or there != here + 1:
        raise Incomplete("main", "route-ends")


def for_information(journey: Journey, act: Act) -> None:
    """Only what asks for nothing ends before it was assigned (1201/QĐ-SYT, Điều 5 khoản 6)."""
    if journey.fields.treatment is not Treatment.INFORMATION:
        raise Incomplete("main", "not-for-information")


def filed_in_case(journey: Journey, act: Act) -> None:
    """In a case file, where the agency's regulation wants it (1201/QĐ-SYT, Điều 5 khoản 6)."""
    if journey.rules.finish_requires_case_file and not journey.filed:
        raise Incomplete("case", number=journey.number)


def result_given(journey: Journey, act: Act) -> None:
    """No closing to evade (04/2017/QĐ-UBND, Điều 23 khoản 5): words, or an opinion at this step."""
    asked = journey.rules.finish_requires_result and journey.fields.treatment is not Treatment.INFORMATION
    if asked and not act.text.strip() and not journey.answered:
        raise Incomplete("result")


def _stage(journey: Journey) -> Stage:
    if journey.place.state is not State.AWAITING or journey.place.stage is None:
        raise Incomplete("main", "main-not-allowed")
    return journey.rules.route[journey.place.stage]
