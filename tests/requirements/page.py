"""The page that shows demands, tests and outcomes: made of `demands.py` and of what pytest reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.requirements.demands import TOP, Chapter, Proof

PAGE = TOP / "docs" / "requirements.md"
_COLUMNS = "| số | quy chế đòi hỏi | nguồn | bài kiểm thử | kết quả |\n|---|---|---|---|---|"
PASSED, FAILED, OPEN = "đạt", "không đạt", "chưa có"
_HEAD = """# Yêu cầu của quy chế, và bài kiểm thử chứng minh

Trang này do `python -m tests.requirements` viết ra từ kết quả chạy các bài kiểm thử mang số yêu cầu; đừng sửa bằng
tay. Mỗi bài đi qua cửa thật (SMTP, IMAP, trình duyệt). "chưa có" nghĩa là chưa có bài nào chứng minh qua cửa thật,
không hẳn là chưa làm.

*Written by the program named above: each requirement of the office regulations, the tests that prove it through real
doors, and how they ended (đạt: passed).*
"""


def write(chapters: Sequence[Chapter], proofs: Sequence[Proof], outcomes: Mapping[str, bool]) -> str:
    """The page as Markdown. outcomes: whether a test passed, all its parameters together, by `Proof.test`."""
    parts = [_HEAD]
    for chapter in chapters:
        parts.append(f"## {chapter.title}\n\n{_COLUMNS}")
        for demand in chapter.demands:
            by = [proof for proof in proofs if demand.id in proof.demands]
            tests = "<br>".join(f"`{proof.test.replace('::', ':')}`" for proof in by)
            parts[-1] += f"\n| {demand.id} | {demand.text} | {demand.source} | {tests} | {_ended(by, outcomes)} |"
        parts[-1] += "\n"
    return "\n".join(parts)


def _ended(by: Sequence[Proof], outcomes: Mapping[str, bool]) -> str:
    if not by:
        return OPEN
    return PASSED if all(outcomes.get(proof.test, False) for proof in by) else FAILED
