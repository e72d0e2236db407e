"""Text in an encoding from before Unicode, recognised by its words and put right.

Nothing says of such text what it is: it calls itself windows-1252 or UTF-8, and looks like "Céng hßa x· héi". Each
table is tried; the reading in which what had marks becomes Vietnamese syllables is taken, if it is clearly better
than the text as it stands. Text that was right is never touched: French has few words with marks, and they make no
syllables; Vietnamese in Unicode has letters that no octet stands for.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailserver.mime.legacy_case import restore_capitals
from mailserver.mime.legacy_tables import ENCODINGS, VIQR, Encoding
from mailserver.mime.vietnamese import COMMON, MARKS, TONES, is_syllable, may_be_syllable
from mailserver.text import nfc

__all__ = ["Repaired", "compose", "in_unicode", "read_as", "reads_well", "recognise", "repair"]

# Characters of a text that are judged; what holds for them is done to all of it.
_JUDGED: Final = 16_384
# Of these, words with marks that are looked at first: most readings fail at once.
_FIRST: Final = 48
# Letters of Vietnamese that no octet of windows-1252 stands for: the text is in Unicode.
_ONLY_UNICODE: Final = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")
# No VIQR of more than a few words is without one of these.
_VIQR_SIGNS: Final = ("^", "a(", "A(", "o+", "u+", "O+", "U+", "`", "~")
_VIQR_SIGN: Final = re.compile(r"[aeoAEO]\^|[aA]\([`'?~.a-zA-Z]|[oOuU]\+[`'?~.a-zA-Z]|[aeiouyAEIOUY][`~?][a-zA-Z]")
# A word in VIQR: more than an apostrophe, as other languages have it, or a full stop.
_VIQR_WORD: Final = re.compile(r"[aeoAEO]\^|[aA]\(|[oOuU]\+|\b[dD][dD]|[aeiouyAEIOUY](?:[`~]|[?.][a-zA-Z])")
_CHUNK: Final = re.compile(r"[^ \t\r\n]+")
_PIECE: Final = re.compile(r"[^\W\d_]+")
_DIGIT: Final = re.compile(r"[0-9]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_FILE_SUFFIX: Final = re.compile(r"\.[A-Za-z]{2,4}\Z")
_LONGEST_CHUNK: Final = 80
# Characters up to which what was found is remembered.
_NAME_LENGTH: Final = 80
# A sign within a word, or a capital behind a small letter: in no language that is written in these letters.
_SIGNS: Final = "¡-©«-±³´¶-¸»-¿×÷\x80-\x9f€‚ƒ„†‡ˆ‰‹›˜™"
_BROKEN: Final = re.compile(f"[A-Za-zÀ-ÖØ-öø-ÿ][{_SIGNS}]|[{_SIGNS}][A-Za-zÀ-ÖØ-öø-ÿ]|[A-Za-zÀ-ÖØ-öø-ÿ]µ|[a-z][À-ÖØ-Þ]")
# Two vowels of which the second has a mark: everywhere in VNI, here and there in other languages.
_VNI_LIKE: Final = re.compile("[aeouyôö][ùøûõïâáàåãäêéèúüë]", re.IGNORECASE)
_APART: Final = MARKS + TONES
_LEFT_APART: Final = re.compile(f"[aeiouyAEIOUYÀ-ưẠ-ỹ][{MARKS}{TONES}]{{1,3}}")
# Small letters that may be capitals: toned ones of TCVN3, and those of VPS whose capitals are lost in mail.
_EITHER: Final = {
    "TCVN3": frozenset(nfc(vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES),
    "VPS": frozenset("ạậặẹệịọộợụựỵẫữ"),
}


@dataclass(frozen=True, slots=True)
class Repaired:
    """Text put right, and the name of the encoding it was in ("TCVN3")."""

    text: str
    encoding: str


@dataclass(slots=True)
class _Score:
    """Words of a text, by what a reading makes of them.

    good, bad: changed into a syllable, or into none. lost: good ones that were a syllable before. broken: good ones
    that were no word of any language; unlike: the same, seen less strictly. kept: with marks, syllables before and
    after. plain, foreign: unchanged, possible as a syllable or not. common: good ones that every text has.
    long: good ones of three letters or more. left: with marks, unchanged, and no syllables.
    """

    good: int = 0
    bad: int = 0
    lost: int = 0
    broken: int = 0
    unlike: int = 0
    kept: int = 0
    plain: int = 0
    foreign: int = 0
    common: int = 0
    left: int = 0
    long: int = 0

    def add(self, other: _Score, times: int) -> None:
        for name in self.__slots__:
            if (count := getattr(other, name)) != 0:
                setattr(self, name, getattr(self, name) + times * count)

    @property
    def rank(self) -> int:
        return 2 * self.good + self.common - 6 * self.bad - 2 * self.lost - 3 * self.left

    @property
    def is_possible(self) -> bool:
        return self.good > 0 and self.bad * 4 <= self.good + 4

    @property
    def convinces(self) -> bool:
        """Whether the reading is right beyond doubt."""
        if self.good == 0 or self.bad * 8 > self.good or self.lost * 2 > self.good:
            return False
        words = self.good + self.bad + self.kept + self.plain + self.foreign
        marked = self.good + self.kept
        dense = marked >= 3 and marked * 5 >= words * 2 and self.foreign * 4 <= words
        if dense and (self.good >= 3 or (marked >= 5 and self.lost == 0)):
            return True
        if self.good >= 3 and self.unlike * 2 >= self.good and self.good * 10 >= words:
            return True
        # A name or a title: nothing may speak against it.
        if self.bad or self.foreign > self.plain + self.good or (self.good == 1 and self.long == 0):
            return False
        return self.broken * 2 >= self.good or (self.good >= 2 and self.unlike == self.good)


def repair(text: str) -> Repaired | None:
    """What `text` says, if it is in an encoding from before Unicode; None if it is right as it stands.

    text: decoded as its label says, or as windows-1252 without one. Time is linear in its length.
    """
    encoding = recognise(text)
    return None if encoding is None else Repaired(read_as(encoding, text), encoding.name)


def in_unicode(text: str) -> bool:
    """Whether a text has letters of Vietnamese that no octet of an old encoding is shown as."""
    return _ONLY_UNICODE.search(text) is not None


def read_as(encoding: Encoding, text: str) -> str:
    """Text in this encoding read, in NFC; capitals that the encoding cannot write are restored from the words."""
    read = nfc(encoding.decode(text))
    either = _EITHER.get(encoding.name)
    return restore_capitals(read, either) if either else read


def recognise(text: str) -> Encoding | None:
    """The encoding a text is in, None if it is right as it stands."""
    if text.isascii():
        if not any(sign in text for sign in _VIQR_SIGNS) or _VIQR_SIGN.search(text) is None:
            return None
        return _best(text, (VIQR,))
    if in_unicode(text):
        return None
    return _best_again(text) if len(text) <= _NAME_LENGTH else _best(text, ENCODINGS)


def _best(text: str, candidates: tuple[Encoding, ...]) -> Encoding | None:
    chunks = Counter(chunk for chunk in _CHUNK.findall(text[:_JUDGED]) if len(chunk) <= _LONGEST_CHUNK)
    first = [chunk for chunk in chunks if not chunk.isascii()][:_FIRST]
    best: Encoding | None = None
    best_rank = 0
    for encoding in candidates:
        if encoding is not VIQR and not _score(encoding, dict.fromkeys(first, 1)).is_possible:
            continue
        score = _score(encoding, chunks)
        if encoding is VIQR and score.broken * 4 < score.good:
            continue  # "I'm" and "No." are English
        if score.rank > best_rank and score.convinces:
            best, best_rank = encoding, score.rank
    return best


@lru_cache(maxsize=1024)
def _best_again(text: str) -> Encoding | None:
    """Names of people come with every mail of theirs, and a field of one word is looked at by itself and as a whole."""
    return _best(text, ENCODINGS)


def reads_well(text: str) -> bool:
    """Whether the words with marks are Vietnamese, nearly all: text that really was in windows-1258."""
    marked = [piece for piece in _PIECE.findall(text[:_JUDGED]) if not piece.isascii()]
    good = sum(is_syllable(piece) and _cased(piece) for piece in marked)
    return bool(marked) and good * 5 >= len(marked) * 4 and _BROKEN.search(text[:_JUDGED]) is None


def compose(text: str) -> str:
    """NFC, also of a vowel whose tone was typed before the mark that makes another vowel of it (é̂ for ế)."""
    text = nfc(text)
    if text.isascii():
        return text
    for mark in _APART:  # nearly always none is there, which is seen in a tenth of the time
        if mark in text:
            return _LEFT_APART.sub(_in_order, text)
    return text


def _in_order(found: re.Match[str]) -> str:
    apart = unicodedata.normalize("NFD", found[0])
    letters = apart[0] + "".join(sorted(apart[1:], key=lambda mark: mark in TONES))
    composed = nfc(letters)
    return composed if len(composed) == 1 else found[0]


def _score(encoding: Encoding, chunks: Mapping[str, int]) -> _Score:
    """chunks: words, each with how often it is there."""
    total = _Score()
    for chunk, times in chunks.items():
        total.add(_judge(encoding, chunk), times)
    return total


def _judge(encoding: Encoding, chunk: str) -> _Score:
    """The score of one word, or of some with punctuation between them."""
    score = _Score()
    if "@" in chunk or "//" in chunk or (encoding is VIQR and _DIGIT.search(chunk) is not None):
        return score
    read = chunk if encoding is not VIQR and chunk.isascii() else encoding.decode(chunk)
    changed = read != chunk
    if changed and _LETTER.search(chunk) is None:
        return score  # "§" and "«" by themselves say nothing
    for piece in _PIECE.findall(_FILE_SUFFIX.sub("", read)):
        _count(score, piece, changed=changed)
    if score.good:
        broken = (_VIQR_WORD if encoding is VIQR else _BROKEN).search(chunk) is not None
        before = [piece for piece in _PIECE.findall(chunk) if not piece.isascii()]
        score.lost = score.good if not broken and before and all(map(is_syllable, before)) else 0
        score.broken = score.good if broken else 0
        score.unlike = score.good if broken or _VNI_LIKE.search(chunk) is not None else 0
    return score


def _count(score: _Score, piece: str, *, changed: bool) -> None:
    if piece.isascii():
        if len(piece) > 1 and not piece.isupper():
            name = "plain" if may_be_syllable(piece) else "foreign"
            setattr(score, name, getattr(score, name) + 1)
    elif is_syllable(piece) and _cased(piece):
        if len(piece) == 1:
            return  # too little to go by
        if changed:
            score.good += 1
            score.common += piece.lower() in COMMON
            score.long += len(piece) >= 3
        else:
            score.kept += 1
    elif piece.isupper() and len(piece) <= _LONGEST_ABBREVIATION:
        return
    elif changed:
        score.bad += 1
    else:
        score.foreign += 1
        score.left += 1


def _cased(piece: str) -> bool:
    """Whether no capital stands behind a small letter."""
    return piece[1:].islower() or not any(map(str.isupper, piece[1:])) or not any("a" <= c <= "z" for c in piece)


_LONGEST_ABBREVIATION: Final = 6  # QĐ, HĐND, UBMTTQ
