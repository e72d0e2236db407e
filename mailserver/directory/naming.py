"""Account names by the rule of the agency.

Sources: 132/QĐ-STTTT, Điều 6 khoản 1 ("gl"); 04/2017/QĐ-UBND, Điều 7 khoản 2 ("kt");
1581/QĐ-SGDDT, Điều 5 ("tn" leaves the form open: here as "gl" with a number for namesakes).
Pure: who is already there comes in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum, unique
from functools import cached_property

from mailserver.directory.errors import NameUnusable
from mailserver.text import fold

# RFC 2142 and what other systems give a meaning to; never a person's name.
RESERVED = frozenset(
    (
        *("abuse", "admin", "administrator", "hostmaster", "info", "mailer-daemon", "noc", "nobody"),
        *("noreply", "no-reply", "postmaster", "root", "security", "support", "system", "webmaster"),
    )
)

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")


@unique
class Rule(StrEnum):
    """Which regulation's rule; equal to its name in a profile."""

    GL = "gl"
    KT = "kt"
    TN = "tn"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A rule with the agency's choices.

    suffix: ends every name ("kt": ".tp"). office: the folded abbreviation that "kt" appends where
    a name is taken ("tnmt").
    """

    rule: Rule
    suffix: str = ""
    office: str = ""

    def at(self, office: str) -> Scheme:
        """The same for who works in an office with this code; "" leaves it."""
        return replace(self, office=squeeze(office)) if office else self


GIALAI = Scheme(Rule.GL)
KONTUM = Scheme(Rule.KT, suffix=".tp")


def scheme(name: str, *, suffix: str | None = None, office: str = "") -> Scheme:
    """The scheme that a profile names: "gl", "kt", "tn" or "manual". Raises ValueError."""
    rule = Rule(name)
    default = KONTUM.suffix if rule is Rule.KT else ""
    return Scheme(rule, default if suffix is None else suffix, squeeze(office))


@dataclass(frozen=True)
class NameParts:
    """A person's name as written, and the birth date that tells namesakes apart.

    birth: a date, used as ddmmyyyy; or text whose digits are used as written (the regulation's own
    examples write 15/8/1963 as 1581963).
    """

    family: str
    middle: str
    given: str
    birth: date | str | None = None

    @property
    def full(self) -> str:
        return " ".join(f"{self.family} {self.middle} {self.given}".split())

    @cached_property
    def folded_given(self) -> str:
        return squeeze(self.given)

    @cached_property
    def family_initials(self) -> str:
        return _initials(self.family)

    @cached_property
    def middle_initials(self) -> str:
        return _initials(self.middle)

    @property
    def birth_digits(self) -> str:
        if isinstance(self.birth, date):
            return self.birth.strftime("%d%m%Y")
        return re.sub(r"[^0-9]", "", self.birth or "")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A free name. manual: someone should look at it (compound or ethnic name, fallback number).

    stage: 1 the plain form, 2 the longer form, 3 with the birth date, 4 with a number.
    """

    name: str
    manual: bool
    stage: int


def account_name(
    chosen: Scheme | str, person: NameParts, taken: Callable[[str], bool], rivals: Sequence[NameParts] = ()
) -> str:
    """As `propose`, the name alone."""
    return propose(scheme(chosen) if isinstance(chosen, str) else chosen, person, taken, rivals).name


def propose(
    chosen: Scheme, person: NameParts, taken: Callable[[str], bool], rivals: Sequence[NameParts] = ()
) -> Proposal:
    """The first free name that the rule gives.

    taken: whether anybody has, or ever had, a local part. rivals: people whose plain form may be
    the same. Raises NameUnusable: nothing is left of the name, or the rule is "manual".
    """
    forms = _FORMS[chosen.rule](person, chosen, rivals)
    unusual = _is_unusual(person)
    for stage, form in forms:
        name = form + chosen.suffix
        if name not in RESERVED and not taken(name):
            return Proposal(name, unusual, stage)
    return Proposal(_numbered(forms[-1][1], chosen.suffix, taken), True, 4)


def squeeze(text: str) -> str:
    """Folded, without anything but a-z and 0-9: NFD and NFC give the same."""
    return _NOT_IN_NAMES.sub("", fold(text))


def unit_name(chosen: Scheme, text: str) -> str:
    """A unit's or shared account's name, as "phòng VHTT huyện Đăk Đoa" → "vhttdakdoa".

    "gl" drops the kinds of place; "kt" abbreviates them and the titles:
    "UBND phường Quang Trung" → "ubndpquangtrung", "trưởng phòng Tư pháp" → "tptuphap".
    """
    words = fold(text)
    short = _DROPPED if chosen.rule is Rule.GL else _SHORTENED
    for long, brief in short:
        words = re.sub(rf"\b{long}\b", brief, words)
    return squeeze(words) + chosen.suffix


def _gialai(person: NameParts, chosen: Scheme, rivals: Sequence[NameParts]) -> list[tuple[int, str]]:
    """Plain, long, with birth date. Namesakes skip the long form, for it would be the same for both."""
    plain, long = plain_form(person), long_form(person)
    same_plain = [rival for rival in rivals if plain_form(rival) == plain]
    forms = [] if same_plain else [(1, plain)]
    if long != plain and all(long_form(rival) != long for rival in same_plain):
        forms.append((2, long))
    if person.birth_digits:
        forms.append((3, plain + person.birth_digits))
    return forms or [(1, plain)]


def plain_form(person: NameParts) -> str:
    """ "gl": [tên][họ initial][tên lót initials], "minhnv"."""
    return _usable(person) + person.family_initials + person.middle_initials


def long_form(person: NameParts) -> str:
    """ "gl": [tên lót sát tên][tên][họ initial][other tên lót initials], "tienminhth"."""
    middle = person.middle.split()
    nearest = squeeze(middle[-1]) if middle else ""
    return nearest + _usable(person) + person.family_initials + _initials(" ".join(middle[:-1]))


def _kontum(person: NameParts, chosen: Scheme, rivals: Sequence[NameParts]) -> list[tuple[int, str]]:
    """[họ initial][tên đệm initials][tên], then with the abbreviation of the office."""
    plain = person.family_initials + person.middle_initials + _usable(person)
    return [(1, plain), (2, plain + chosen.office)] if chosen.office else [(1, plain)]


def _tayninh(person: NameParts, chosen: Scheme, rivals: Sequence[NameParts]) -> list[tuple[int, str]]:
    return [(1, plain_form(person))]


def _manual(person: NameParts, chosen: Scheme, rivals: Sequence[NameParts]) -> list[tuple[int, str]]:
    raise NameUnusable(person.full)


_FORMS = {Rule.GL: _gialai, Rule.KT: _kontum, Rule.TN: _tayninh, Rule.MANUAL: _manual}


def _usable(person: NameParts) -> str:
    if not person.folded_given:
        raise NameUnusable(person.full)
    return person.folded_given


def _initials(words: str) -> str:
    return "".join(squeeze(word)[:1] for word in words.split())


def _is_unusual(person: NameParts) -> bool:
    """Compound family names and names with marks inside ("Rơ Châm H'Yéo") deserve a look."""
    return len(person.family.split()) > 1 or any(not (char.isalpha() or char.isspace()) for char in fold(person.full))


def _numbered(form: str, suffix: str, taken: Callable[[str], bool]) -> str:
    """The regulations are silent here: the first free number from 2."""
    number = 2
    while taken(f"{form}{number}{suffix}"):
        number += 1
    return f"{form}{number}{suffix}"


_DROPPED = tuple(
    (words, " ") for words in ("thanh pho", "thi xa", "thi tran", "phong", "huyen", "tinh", "xa", "phuong")
)
# Longest first, so that "phó trưởng phòng" is not taken for "trưởng phòng".
_SHORTENED = (
    ("pho chanh van phong", "pcvp"),
    ("chanh van phong", "cvp"),
    ("pho truong phong", "ptp"),
    ("truong phong", "tp"),
    ("pho giam doc", "pgd"),
    ("giam doc", "gd"),
    ("pho chu tich", "pct"),
    ("chu tich", "ct"),
    ("van thu", "vt"),
    ("thanh pho", "tp"),
    ("thi tran", "tt"),
    ("thi xa", "tx"),
    ("phuong", "p"),
    ("huyen", "h"),
    ("phong", "p"),
    ("xa", "x"),
)
