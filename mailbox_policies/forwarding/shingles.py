"""Whether one text contains much of another: by runs of words, wherever the lines break and however they are quoted.

Words are those of the search index (`mailserver.store.search.words` of `mailserver.text.fold`): without case and
diacritics, without ">" and other marks.
"""

from __future__ import annotations

from collections.abc import Sequence

# Words of one run. Shorter ones are in every letter ("Kính gửi các đồng chí"); a longer one is lost by each change.
RUN = 6
# Words of a letter that are looked at: some forty pages.
MOST_WORDS = 20_000
# Runs that are looked for in the index.
MOST_PHRASES = 12


def runs(words: Sequence[str]) -> frozenset[int]:
    """The runs of a text as numbers, comparable within this process."""
    bounded = words[:MOST_WORDS]
    return frozenset(hash(tuple(bounded[at : at + RUN])) for at in range(len(bounded) - RUN + 1))


def phrases(words: Sequence[str], most: int = MOST_PHRASES) -> list[str]:
    """Runs to search for, spread evenly over the text; of each stretch the one with the longest words.

    Long words and numbers are rare, so the index finds few messages by them.
    """
    bounded = words[:MOST_WORDS]
    starts = len(bounded) - RUN + 1
    if starts < 1:
        return []
    stretch = max(RUN, -(-starts // most))
    return [" ".join(_rarest(bounded, at, min(at + stretch, starts))) for at in range(0, starts, stretch)]


def _rarest(words: Sequence[str], start: int, end: int) -> Sequence[str]:
    best = max(range(start, end), key=lambda at: sum(map(len, words[at : at + RUN])))
    return words[best : best + RUN]
