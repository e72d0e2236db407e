"""One table from what services find wrong to an HTTP answer; never a traceback, never a cause."""

from __future__ import annotations

import structlog
from flask import Flask, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from mailbox_policies.sentfiles import errors as file_errors
from mailserver.store import audit
from mailserver.store import errors as store_errors
from mailserver.store.database import Tx
from routing import errors as routing_errors
from webmail.auth.current import actor
from webmail.i18n import _, choose
from webmail.services import services

log = structlog.get_logger("webmail")

# The most telling class first: subclasses before their bases.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (store_errors.FolderMissing, 404),
    (store_errors.FolderExists, 409),
    (store_errors.FolderNameInvalid, 422),
    (store_errors.FolderInUse, 409),
    (store_errors.Forbidden, 404),
    (store_errors.GranteeMissing, 422),
    (store_errors.RightsFixed, 409),
    (store_errors.TooManyShares, 409),
    (store_errors.MoveRefused, 409),
    (store_errors.MessageTooLarge, 422),
    (store_errors.OverQuota, 409),
    (store_errors.TooManyAnnotations, 409),
    (store_errors.StoreFull, 503),
    (store_errors.StoreUnavailable, 503),
    (file_errors.FileMissing, 404),
    (file_errors.SentFileError, 409),
    (routing_errors.DocumentMissing, 404),
    (routing_errors.NotYourTurn, 403),
    (routing_errors.Incomplete, 422),
    (routing_errors.RoutingError, 409),
)


def status_of(error: Exception) -> int:
    """The HTTP status for a service's error; 500 for one that no table knows."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def sentence_of(error: Exception) -> str:
    """The words for the user, in the user's language; "" where the page's own words do."""
    if isinstance(error, routing_errors.DocumentMissing):
        return ""
    if isinstance(error, routing_errors.RoutingError):
        return error.sentence(choose())
    if isinstance(error, store_errors.OverQuota):
        return str(_("Hộp thư đã đầy. Hãy xóa bớt thư, dọn Thùng rác, rồi làm lại."))
    return error.sentence if isinstance(error, store_errors.MoveRefused) else ""


def page(status: int, sentence: str = "") -> tuple[str, int]:
    """The page for `status`; within the frame of the application when somebody is signed in."""
    titles = {
        400: _("Yêu cầu không hợp lệ"),
        403: _("Chưa làm được việc này"),
        404: _("Không tìm thấy"),
        405: _("Yêu cầu không hợp lệ"),
        409: _("Việc này vừa thay đổi"),
        413: _("Tệp gửi lên quá lớn"),
        422: _("Cần xem lại"),
        429: _("Quá nhiều yêu cầu"),
        503: _("Hệ thống tạm thời bận"),
    }
    texts = {
        400: _("Trang đã mở quá lâu hoặc yêu cầu bị thiếu. Hãy quay lại, tải lại trang rồi làm lại."),
        403: _("Việc này hiện không thuộc lượt của bạn."),
        404: _("Trang này không có, hoặc bạn không được xem. Nếu đồng nghiệp gửi liên kết, hãy hỏi lại người đó."),
        409: _("Có người đã làm trước bạn. Hãy mở lại để xem tình trạng mới."),
        413: _("Hãy bớt tệp đính kèm rồi gửi lại."),
        422: _("Có ô còn trống hoặc ghi sai. Hãy quay lại trang trước và sửa; những gì đã ghi thường còn ở đó."),
        503: _("Chưa có gì bị mất. Hãy thử lại sau ít phút."),
    }
    title = titles.get(status, _("Có lỗi ở máy chủ"))
    text = sentence or texts.get(status, _("Lỗi đã được ghi lại. Hãy thử lại; nếu vẫn lỗi, báo quản trị."))
    return render_template(_frame(), title=title, text=text, status=status), status


def _frame() -> str:
    """A page may name its own (`g.error_page`): who has come by a link knows no sign-in, and gets no cookie."""
    inside = "errors/inside.html" if g.get("user") is not None else "errors/outside.html"
    return str(g.get("error_page", inside))


def _service_error(error: Exception) -> ResponseReturnValue:
    status = status_of(error)
    log.info("refused", path=_path(), status=status, error=type(error).__name__)
    if status in (403, 404) and g.get("user") is not None:
        _note_refusal(type(error).__name__)
    return page(status, sentence_of(error))


def _path() -> str:
    """What was asked for, without what opens something for whoever has it."""
    secret = "token" in (request.view_args or {})
    return str(request.url_rule) if secret else request.path


def _note_refusal(error: str) -> None:
    """What somebody asked for and may not have stands in the audit (ASVS 5.0 16.3.2)."""
    path, method = _path()[:200], request.method

    def work(tx: Tx) -> None:
        audit.record_tx(tx, "access.refused", path=path, method=method, error=error)

    try:
        services().store.db.write(work, actor())
    except store_errors.StoreError as failure:
        log.error("refusal not noted", error=type(failure).__name__)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if request_ctx.url_adapter is None:  # a Host that no server can have: no page of ours has an address there
        return error.get_response()
    body, status = page(error.code)
    later = error.retry_after if isinstance(error, ServiceUnavailable) else None
    return body, status, {"Retry-After": str(later)} if later is not None else {}


def _unknown(error: Exception) -> ResponseReturnValue:
    log.error("failed", path=_path(), exc_info=error)
    return page(500)


def init(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: page(400))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(store_errors.StoreError, _service_error)
    app.register_error_handler(routing_errors.RoutingError, _service_error)
    app.register_error_handler(file_errors.SentFileError, _service_error)
    app.register_error_handler(Exception, _unknown)
