"""The two ways of threading (RFC 5256 §4), as pure functions over what is known of the messages.

Messages are indexes 0 … n-1 in mailbox order; other nodes (messages that are only referred to, and
those made to hold threads of one subject) have higher numbers. Both ways take n log n steps however
the references run: loops are cut after linking, not looked for at every link, and no chain is walked
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mailserver.store.ancestry import NONE

NOBODY = -1


@dataclass(slots=True)
class Forest:
    """roots and children in the order to show them. Nodes of `count` and above stand for no message;
    only roots do."""

    count: int
    roots: list[int] = field(default_factory=list)
    children: dict[int, list[int]] = field(default_factory=dict)

    def first(self, node: int) -> int:
        """The message that a root is sorted and named by (RFC 5256 §4: of a dummy, its first child)."""
        return node if node < self.count else self.children[node][0]


def ordered_subject(subjects: Sequence[str], ranks: Sequence[int]) -> Forest:
    """ORDEREDSUBJECT: one level under the oldest message of each subject.

    subjects: base subjects. ranks: places in the order of sent dates.
    """
    forest = Forest(len(subjects))
    oldest: dict[str, int] = {}
    for node in sorted(range(len(subjects)), key=ranks.__getitem__):
        root = oldest.setdefault(subjects[node], node)
        if root == node:
            forest.roots.append(node)
        else:
            forest.children.setdefault(root, []).append(node)
    return forest


def references(
    ancestries: Sequence[Sequence[int]],
    subjects: Sequence[str],
    answering: Callable[[int], bool],
    ranks: Sequence[int],
) -> Forest:
    """REFERENCES: by who answers whom, then threads of one subject joined.

    ancestries: see `mailserver.store.ancestry`. subjects: base subjects. answering: whether a message's
    subject is that of a reply or forward. ranks: places in the order of sent dates.
    """
    count = len(ancestries)
    parents = _linked(ancestries)
    forest = _pruned(count, parents, sorted(range(count), key=ranks.__getitem__))
    forest.roots.sort(key=lambda node: ranks[forest.first(node)])
    _join_subjects(forest, subjects, answering, next_node=len(parents))
    for children in forest.children.values():
        children.sort(key=ranks.__getitem__)
    forest.roots.sort(key=lambda node: ranks[forest.first(node)])
    return forest


def _linked(ancestries: Sequence[Sequence[int]]) -> list[int]:
    """Step 1: the parent of every node, NOBODY for roots; without loops."""
    nodes: dict[int, int] = {}
    for index, numbers in enumerate(ancestries):
        if numbers[0] != NONE:
            nodes.setdefault(numbers[0], index)  # a number that occurs twice belongs to the first
    parents = [NOBODY] * len(ancestries)
    made = [0] * len(ancestries)  # when the link was made
    links = 0
    for index, numbers in enumerate(ancestries):
        above = NOBODY
        for number in numbers[1:]:
            node = nodes.get(number)
            if node is None:
                node = nodes[number] = len(parents)
                parents.append(NOBODY)
                made.append(0)
            links += 1
            if above != NOBODY and parents[node] == NOBODY and node != above:
                parents[node], made[node] = above, links
            above = node
        # Whatever others say of this message's parent may come from a list cut short.
        parents[index], made[index] = (NOBODY if above == index else above), links
    _cut_loops(parents, made)
    return parents


def _cut_loops(parents: list[int], made: list[int]) -> None:
    """Undo the newest link of each loop."""
    walk_of = [0] * len(parents)
    for walk, start in enumerate(range(len(parents)), 1):
        node = start
        while node != NOBODY and not walk_of[node]:
            walk_of[node] = walk
            node = parents[node]
        if node != NOBODY and walk_of[node] == walk:
            newest, at = node, parents[node]
            while at != node:
                newest = max(newest, at, key=made.__getitem__)
                at = parents[at]
            parents[newest] = NOBODY


def _pruned(count: int, parents: Sequence[int], by_date: Sequence[int]) -> Forest:
    """Steps 2 and 3: every message under its nearest ancestor that is here.

    Where there is none, messages share the eldest one that they refer to, if more than one do.
    """
    holder = [NOBODY] * len(parents)  # of a node that is not here: who holds what is below it
    forest = Forest(count)
    missing: dict[int, None] = {}
    for index in by_date:
        node, passed = parents[index], []
        while node >= count and holder[node] == NOBODY and parents[node] != NOBODY:
            passed.append(node)
            node = parents[node]
        above = node if node < count or holder[node] == NOBODY else holder[node]
        for one in passed:
            holder[one] = above
        if above == NOBODY:
            forest.roots.append(index)
        else:
            forest.children.setdefault(above, []).append(index)
            if above >= count:
                missing[above] = None
    for node in missing:
        children = forest.children[node]
        forest.roots.append(node if len(children) > 1 else children[0])
        if len(children) == 1:
            del forest.children[node]
    return forest


def _join_subjects(forest: Forest, subjects: Sequence[str], answering: Callable[[int], bool], next_node: int) -> None:
    """Step 5: threads whose first messages have the same subject become one."""
    count = forest.count
    heads: dict[str, int] = {}  # the root that the others of its subject go to
    for root in forest.roots:
        subject = subjects[forest.first(root)]
        head = heads.get(subject) if subject else root
        if head is None or (head < count and (root >= count or (answering(head) and not answering(root)))):
            heads[subject] = root
    joined: dict[int, int] = {}  # heads that got a node of their own above them
    gone: set[int] = set()
    for root in list(forest.roots):
        subject = subjects[forest.first(root)]
        if not subject or heads[subject] == root:
            continue
        head = joined.get(heads[subject], heads[subject])
        gone.add(root)
        if head >= count:
            forest.children[head].extend(forest.children.pop(root) if root >= count else [root])
        elif answering(root) and not answering(head):
            forest.children.setdefault(head, []).append(root)
        else:
            joined[head] = next_node
            forest.children[next_node] = [head, root]
            next_node += 1
    forest.roots = [joined.get(root, root) for root in forest.roots if root not in gone]


def render(forest: Forest, names: Sequence[bytes]) -> bytes:
    """The thread lists of the response, as in `(2)(3 6 (4 23)(44 7 96))`; names: of the messages."""
    out: list[bytes] = []
    waiting: list[int | None] = list(reversed(forest.roots))
    while waiting:
        node = waiting.pop()
        if node is None:
            out.append(b")")
            continue
        out.append(b"(")
        waiting.append(None)
        children: list[int] | None = [node] if node < forest.count else forest.children[node]
        while children is not None and len(children) == 1:
            (node,) = children
            if out[-1] != b"(":
                out.append(b" ")
            out.append(names[node])
            children = forest.children.get(node)
        if children:
            if out[-1] != b"(":
                out.append(b" ")
            waiting.extend(reversed(children))
    return b"".join(out)
