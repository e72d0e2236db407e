"""How the kinds of shared folders are called on the pages."""

from __future__ import annotations

from mailserver.boards.kinds import BoardKind
from webmail.i18n import _


def kinds() -> dict[BoardKind, str]:
    return {
        BoardKind.NOTICE: _("Thông báo"),
        BoardKind.OPEN: _("Công cộng"),
        BoardKind.SCHEDULE: _("Lịch công tác"),
        BoardKind.COMMENTS: _("Lấy ý kiến"),
        BoardKind.CIRCLE: _("Chi bộ, Công đoàn, Chi đoàn"),
        BoardKind.DOCUMENTS: _("Văn bản thông báo"),
        BoardKind.OTHER: _("Khác"),
    }
