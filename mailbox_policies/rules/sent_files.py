"""Files that people hand over through the system: how large, how many, for how long.

See `sent_files.md` beside this file; the work is done in `mailbox_policies/sentfiles/`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Verdict

NAME = "sent-files"
ARTICLE = Article("1201/QĐ-SYT", dieu=9, khoan=2)
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """limit: octets of one file. person: octets of all files that a person has handed over and that are still there.
    days: how long one may be kept at most. outside: whether people outside get links; outside_days: how long those
    open."""

    limit: int = 200 * MIB
    person: int = 2048 * MIB
    days: int = 30
    outside: bool = False
    outside_days: int = 14


def check(_settings: Settings, _case: Case) -> Verdict:
    """Nothing is found in a message that comes or goes."""
    return ACCEPT


RULE = Rule(
    NAME,
    "Gửi tệp qua hệ thống",
    "Tệp lớn được gửi trong hệ thống thay cho USB và ổ đĩa chia sẻ: cỡ một tệp, tổng dung lượng mỗi người, số ngày giữ."
    " Tệp nguy hiểm, có vi-rút hoặc là văn bản không đưa lên hệ thống thì bị từ chối như tệp kèm thư.",
    ARTICLE,
    frozenset(),
    Settings(),
    check,
    fields=(
        Field("limit", Kind.OCTETS, "Cỡ lớn nhất của một tệp", least=1, most=4096 * MIB),
        Field("person", Kind.OCTETS, "Tổng dung lượng một người đang gửi", "0: không giới hạn."),
        Field("days", Kind.NUMBER, "Số ngày giữ nhiều nhất", least=1, most=365),
        Field(
            "outside",
            Kind.FLAG,
            "Cho người ngoài cơ quan tải bằng đường dẫn riêng",
            "Mỗi người nhận ở ngoài có một đường dẫn, không cần tài khoản. Trang web phải mở được từ ngoài.",
        ),
        Field(
            "outside_days",
            Kind.NUMBER,
            "Số ngày người ngoài tải được nhiều nhất",
            "Không quá số ngày giữ tệp.",
            least=1,
            most=90,
        ),
    ),
    meanings={
        Mode.OFF: "không ai gửi tệp mới; tệp đã gửi vẫn tải được đến hết hạn",
        Mode.TRIAL: "gửi được trong các mức dưới đây",
        Mode.WARN: "gửi được trong các mức dưới đây",
        Mode.ENFORCE: "gửi được trong các mức dưới đây",
    },
)
