"""Whether new mail of a mailbox may go on to addresses elsewhere by itself.

See `auto_redirect.md` beside this file; the work is done in `mailserver/redirects/` and
`mailbox_policies/forwarding/onward.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_policies.fields import Field, Kind
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.verdict import ACCEPT, Article, Case, Verdict

NAME = "auto-redirect"
ARTICLE = Article("123/QĐ-SCT", dieu=9)


@dataclass(frozen=True, slots=True)
class Settings:
    """people_ask: whether people may ask for a redirect of their own mailbox; an administrator then agrees, or not."""

    people_ask: bool = True


def check(_settings: Settings, _case: Case) -> Verdict:
    """Nothing is found in a message that comes or goes."""
    return ACCEPT


_ON = "thư được chuyển tiếp theo từng lệnh đã đặt"
RULE = Rule(
    NAME,
    "Chuyển tiếp tự động ra ngoài",
    "Thư mới của một hộp thư được tự động chuyển tới địa chỉ ngoài cơ quan, theo lệnh của người quản trị. Bản gốc luôn"
    " ở lại; thư cần người gửi đồng ý và văn bản không được đưa ra ngoài thì không được chuyển.",
    ARTICLE,
    frozenset(),
    Settings(),
    check,
    fields=(Field("people_ask", Kind.FLAG, "Mọi người được đề nghị cho hộp thư của mình"),),
    mode=Mode.OFF,
    meanings={
        Mode.OFF: "không thư nào tự động ra ngoài, dù lệnh đã đặt",
        Mode.TRIAL: "như Tắt",
        Mode.WARN: "như Tắt",
        Mode.ENFORCE: _ON,
    },
)
