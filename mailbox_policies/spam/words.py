"""Words, pairs of words and addresses of the web in a text, as features of a classifier.

Every function is pure, linear in the text, and gives at most as many features as it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from mailserver.text import fold

# A word with what may stand inside it: "won't", "e-mail", "100%", "$9.95", "!!!" on its own is one too.
_WORD: Final = re.compile(r"[$€£₫]?[^\W_](?:[\w'’.\-]{0,38}[^\W_%])?%?|[!$?*]{2,5}")
_DIGIT: Final = re.compile(r"[0-9]")
_LONGEST: Final = 40
# Words between which a pair is still a pair: "mua … ngay" (sparse bigrams, as in OSB).
REACH: Final = 2
URL: Final = re.compile(r"(?:https?:|ftp:|www\.)[^\s<>\"'()\[\]]{1,500}", re.IGNORECASE)
_MOST_LABELS: Final = 5
_HOST: Final = re.compile(
    r"(?:[a-z]+:)?/*+(?P<user>[^/?#@]{1,200}@)?(?P<host>[^/?#:@]+)(?P<port>:[0-9]+)?", re.IGNORECASE
)
_IPV4: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_PATH_WORD: Final = re.compile(r"[A-Za-z]{3,20}")


def words(text: str, most: int) -> list[str]:
    """The words of a text as they are written, at most `most`; digits count, each as 0."""
    found = [match.group() for match in islice(_WORD.finditer(text), most)]
    return [_DIGIT.sub("0", word) if _DIGIT.search(word) else word for word in found]


def features(prefix: str, found: list[str]) -> Iterator[str]:
    """Features of consecutive words: each in small letters, without its marks, in capitals if it is
    written so, and in pairs with those before it.

    Vietnamese spam is written with and without marks: pairs are of words without. A word of several
    syllables is a pair of them.
    """
    before: list[str] = []
    for word in found:
        small = word.lower()
        plain = small if small.isascii() else fold(small)
        yield prefix + small
        if plain != small:
            yield prefix + "~" + plain
        elif word != small and len(word) > 1 and word.isupper():
            yield prefix + word
        for distance, other in enumerate(reversed(before), 1):
            yield f"{prefix}{other} {'_ ' * (distance - 1)}{plain}"
        before.append(plain)
        if len(before) > REACH:
            before.pop(0)


def domain_features(prefix: str, domain: str) -> Iterator[str]:
    """A host name and each domain above it; an address of numbers by what it is and its network."""
    domain = domain.lower().strip(".")
    if _IPV4.fullmatch(domain):
        yield prefix + "#ip"
        yield prefix + domain.rpartition(".")[0]
        return
    labels = domain.split(".")[-_MOST_LABELS:]
    for first in range(len(labels)):
        yield prefix + ".".join(labels[first:])


def urls(text: str, most: int) -> list[str]:
    return [match.group() for match in islice(URL.finditer(text), most)]


def url_features(url: str) -> Iterator[str]:
    """Host, port, name before "@", and the words of the path."""
    match = _HOST.match(url)
    if match is None:
        return
    yield from domain_features("u:", match["host"][:255])
    if match["port"]:
        yield "u:" + match["port"]
    if match["user"]:
        yield "u:@"
    rest = url[match.end() : match.end() + 200]
    for word in islice(_PATH_WORD.findall(rest), 10):
        yield "u/" + word.lower()
    if "%" in rest:
        yield "u:%"
