"""What makes an author look like somebody else: names, letters and domains (Unicode UTS 39; RFC 5322 §3.6.2).

No proof and no verdict, but what a careful reader would notice; it is told to the reader beside the address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import Enum, unique
from functools import lru_cache

import idna
from confusable_homoglyphs import confusables

from mailserver.mime.address import Address
from mailserver.mime.scan import Scanned
from mailserver.senderauth.domains import as_ascii, organisation

# Alphabets whose letters look like Latin ones. Words of Han or Thai letters beside Latin ones deceive nobody.
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
# An address of ours so short may stand within another by chance.
SHORTEST = 8  # characters without dots and hyphens
# Letters that are read as others in most typefaces; pairs first.
_READ_AS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))
# Looked for anywhere, but begun at the beginning of a word only: a name may be long.
_AN_ADDRESS = re.compile(r"(?<![^\s@<>()\[\]\",;:])[^\s@<>()\[\]\",;:]++@([\w-]++(?:\.[\w-]++)++)")
_A_DOMAIN = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")


@unique
class Pretence(Enum):
    OTHER_ADDRESS = "other-address"
    OUR_DOMAIN = "our-domain"
    MIXED_LETTERS = "mixed-letters"
    LIKE_OURS = "like-ours"
    ANSWERS_ELSEWHERE = "answers-elsewhere"


def pretences(header: Scanned, ours: Collection[str]) -> tuple[Pretence, ...]:
    """What is odd about who claims to have written a message, each kind once.

    ours: the domains of this server, as of `as_ascii`.
    """
    found: dict[Pretence, None] = {}
    for author in header.from_:
        domain = as_ascii(author.domain) or author.domain.lower()
        foreign = not _ours(domain, ours)
        if _names_another(author):
            found[Pretence.OTHER_ADDRESS] = None
        elif foreign and any(_ours(name, ours) for name in _A_DOMAIN.findall(author.name.lower())):
            found[Pretence.OUR_DOMAIN] = None
        if mixes(author.name) or any(map(mixes, _as_read(domain).split("."))):
            found[Pretence.MIXED_LETTERS] = None
        if foreign and like_ours(domain, ours):
            found[Pretence.LIKE_OURS] = None
    if _answers_elsewhere(header):
        found[Pretence.ANSWERS_ELSEWHERE] = None
    return tuple(found)


def _names_another(author: Address) -> bool:
    """Whether the name shown holds an address, and not the one the mail is from."""
    name, addr = author.name.casefold(), author.addr.casefold()
    return any(match[0] != addr for match in _AN_ADDRESS.finditer(name))


def _answers_elsewhere(header: Scanned) -> bool:
    """Whether an answer goes to another organisation. What a list sends is answered to the list it was sent to."""
    known = {address.addr.casefold() for address in (*header.to, *header.cc)}
    home = {organisation(as_ascii(author.domain) or "") for author in header.from_}
    return not header.sender and any(
        organisation(as_ascii(address.domain) or "") not in home and address.addr.casefold() not in known
        for address in header.reply_to
    )


def _ours(domain: str, ours: Collection[str]) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in ours)


def mixes(text: str) -> bool:
    """Whether one word is written with letters of several alphabets that look alike."""
    return any(len(_alphabets(word) & ALIKE) > 1 for word in text.split() if not word.isascii())


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}


def like_ours(domain: str, ours: Collection[str]) -> bool:
    """Whether a domain that is not ours may be read as one of ours.

    By letters that look alike, by dots turned into hyphens, or because it begins with a domain of ours.
    """
    read = skeleton(_as_read(domain))
    packed = _packed(read)
    for own in ours:
        mine = skeleton(_as_read(own))
        if read == mine or (len(_packed(mine)) >= SHORTEST and _packed(mine) in packed):
            return True
    return False


@lru_cache(maxsize=1024)
def skeleton(name: str) -> str:
    """What the eye makes of a name of a domain: two names with one skeleton look alike (after UTS 39 §4)."""
    letters = unicodedata.normalize("NFKD", name.replace("đ", "d"))
    text = "".join(_latin(letter) for letter in letters if not unicodedata.combining(letter))
    for pair, letter in _READ_AS:
        text = text.replace(pair, letter)
    return text


def _latin(letter: str) -> str:
    if letter.isascii():
        return letter
    alike = confusables.confusables_data.get(letter, ())
    return next((one["c"].lower() for one in alike if len(one["c"]) == 1 and one["c"].isascii()), letter)


def _packed(text: str) -> str:
    return text.replace(".", "").replace("-", "")


def _as_read(domain: str) -> str:
    """The domain with the letters that people see."""
    return ".".join(_label(label) for label in domain.lower().split("."))


def _label(label: str) -> str:
    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except idna.IDNAError:
        return label
