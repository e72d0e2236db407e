"""Text as this product keeps and compares it: Unicode NFC, and one fold for index and query."""

from __future__ import annotations

import re
import unicodedata


def _combining_marks() -> str:
    """A character class of every nonspacing mark of the Basic Multilingual Plane."""
    marks = [code for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) == "Mn"]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges) + "]"


_MARK = _combining_marks()
_MARKS = re.compile(_MARK + "+")
# UAX #15 §13: longer runs are in no language. Sorting a run's marks takes quadratic time, so that
# a megabyte of them would hold the process for minutes.
_LONG_RUN = re.compile(f"({_MARK}{{30}}){_MARK}+")
# Pieces up to this length are sorted without a look: characters.
_SAFE = 256

# Grave, acute, tilde, hook above, dot below: what a Vietnamese syllable has one of at most.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WITHOUT_TONES = dict.fromkeys(map(ord, _TONES))
_LETTERS = re.compile(r"[^\W\d_]+")

# Control characters that split() does not take for space, and what no database stores: NUL is not
# text in PostgreSQL, and half a surrogate pair cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def nfc(text: str) -> str:
    """`text` in Unicode normalisation form C, as names and addresses are kept.

    Of a run of more than 30 combining marks the first 30 are kept.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _stream_safe(text))


def _stream_safe(text: str) -> str:
    """`text` with short runs of marks only; line by line, because nearly all lines are short."""
    if len(text) <= _SAFE or max(map(len, text.split("\n"))) <= _SAFE:
        return text
    return _LONG_RUN.sub(r"\1", text)


class _FoldedWords(dict[str, str]):
    """Words already folded: a language has some thousands, and every mail is made of them."""

    MOST = 32_768
    LONGEST = 32

    def __missing__(self, word: str) -> str:
        folded = _fold_word(word)
        if len(word) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[word] = folded
        return folded


_FOLDED = _FoldedWords()


def fold(text: str) -> str:
    """What is left of `text` when case, diacritics and the amount of white space do not count.

    "Công  văn ĐI" and "cong van di" fold to the same. The only fold for index and query alike.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join([folded for word in text.split() if (folded := _FOLDED[word])])


def _fold_word(word: str) -> str:
    plain = _MARKS.sub("", unicodedata.normalize("NFD", _stream_safe(word.casefold())))
    return " ".join(plain.replace("đ", "d").split())


def accented(text: str) -> str:
    """`text` as far as diacritics count: whatever its case, its Unicode form, the amount of white space,
    and the letter that bears the tone mark ("hoà" and "hòa", "thuỷ" and "thủy")."""
    composed = " ".join(nfc(text.casefold()).split())
    return composed if composed.isascii() else _LETTERS.sub(_tone_last, composed)


def has_diacritics(text: str) -> bool:
    """Whether more than case and white space is lost when `text` is folded."""
    return accented(text) != fold(text)


def _tone_last(syllable: re.Match[str]) -> str:
    apart = unicodedata.normalize("NFD", syllable.group())
    tones = "".join([mark for mark in apart if mark in _TONES])
    return unicodedata.normalize("NFC", apart.translate(_WITHOUT_TONES)) + tones if tones else syllable.group()


def storable(text: str) -> str:
    """`text` with what no database takes (NUL, lone surrogates) replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
