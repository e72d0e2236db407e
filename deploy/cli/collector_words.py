"""How the collector's findings are told to an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deploy.lang import t
from mailserver.collector import errors
from mailserver.collector.records import Account, After, Remote, Security, Sending, Standing, Trouble
from mailserver.directory.records import OFFICE_ZONE

_TROUBLES = {
    Trouble.UNREACHABLE: ("không kết nối được với máy chủ", "the server cannot be reached"),
    Trouble.CERTIFICATE: ("chứng thư hoặc TLS của máy chủ không dùng được", "certificate or TLS there do not serve"),
    Trouble.LOGIN: ("máy chủ không cho đăng nhập", "the server does not let us sign in"),
    Trouble.FOLDER: ("không dùng được thư mục", "a folder cannot be used"),
    Trouble.PROTOCOL: ("máy chủ trả lời không đúng IMAP", "the server does not answer as IMAP asks"),
    Trouble.SECRET: ("không giải mã được mật khẩu; hãy đặt lại", "the password cannot be decrypted; set it again"),
    Trouble.TARGET: ("hộp thư đích không nhận thư", "the mailbox here takes no mail"),
    Trouble.FULL: ("hộp thư đích đã đầy", "the mailbox here is full"),
    Trouble.PUT_OFF: ("một quy tắc thư hẹn nhận lại sau", "a rule of mail puts it off"),
    Trouble.STORE: ("kho thư đang bận hoặc hết chỗ", "the store is away or full"),
    Trouble.INTERNAL: ("lỗi của chương trình, xem nhật ký", "a fault of this program, see the log"),
}  # fmt: skip
_REASONS = {
    "policy": ("trái quy định của cơ quan", "against the agency's rules"),
    "mailbox": ("hộp thư đích từ chối", "refused by the mailbox here"),
    "too-large": ("quá lớn", "too large"),
    "loop": ("thư đi vòng", "mail loop"),
    "several-authors": ("nhiều trường From", "several From fields"),
    "unreadable": ("máy chủ kia không đưa ra được", "the server there fails to give it"),
    "internal": ("lỗi của chương trình, xem nhật ký", "a fault of this program, see the log"),
}
_ERRORS = {
    errors.NoSuchAccount: ("Không có tài khoản {}.", "There is no account {}."),
    errors.AccountExists: ("Hộp thư {} đã được lấy rồi.", "The mailbox {} is collected already."),
    errors.TargetUnknown: (
        "{} không phải một hộp thư nhận được thư ở đây.",
        "{} is no mailbox here that takes mail.",
    ),
    errors.PasswordExposed: (
        "Không gửi mật khẩu không mã hóa tới {}; hãy dùng --tls tls hoặc starttls.",
        "No password is sent unencrypted to {}; use --tls tls or starttls.",
    ),
}
_AFTER = {
    After.LEAVE: ("để nguyên", "left alone"),
    After.FLAG: ("đánh dấu đã đọc", "marked as read"),
    After.DELETE: ("xóa ở máy chủ kia", "deleted there"),
}


def trouble(kind: Trouble, detail: str) -> str:
    vi, en = _TROUBLES[kind]
    return t(vi, en) + (f" ({detail})" if detail else "")


def reason(word: str) -> str:
    vi, en = _REASONS.get(word, ("bị từ chối", "refused"))
    return t(vi, en)


def sentence(fault: errors.CollectorError) -> str:
    if isinstance(fault, errors.Failed):
        return trouble(fault.trouble, fault.detail)
    vi, en = _ERRORS[type(fault)]
    return t(vi, en).format(fault)


def sending_trouble(detail: str) -> str:
    return t(f"không gửi được qua máy chủ gửi thư ({detail})", f"the submission server cannot be used ({detail})")


def _server(remote: Remote) -> str:
    tls = {Security.TLS: "TLS", Security.STARTTLS: "STARTTLS", Security.NONE: t("không mã hóa", "unencrypted")}
    return f"{remote.login} @ {remote.host}:{remote.port}, {tls[remote.security]}"


def facts(account: Account, standing: Standing, chosen: Sending | None) -> Iterator[tuple[str, str]]:
    """Everything `vanthu collector status` tells, line by line."""
    wish = account.wish
    yield t("Hộp thư ở xa", "Mailbox elsewhere"), _server(wish.remote)
    if chosen is not None:
        yield t("Gửi thư của", "Sends mail of"), f"{chosen.address}: {_server(chosen.server)}"
    yield t("Thư mục", "Folders"), ", ".join(wish.folders)
    yield t("Về hộp thư", "To"), wish.target
    yield t("Thư đã lấy", "Mail that was brought"), t(*_AFTER[wish.after])
    if account.paused:
        yield t("Tình trạng", "State"), t("tạm dừng", "paused")
    elif standing.trouble is not None:
        yield (
            t("Tình trạng", "State"),
            t(f"lỗi lần thứ {standing.failures}", f"failed {standing.failures} times in a row"),
        )
        yield t("Lỗi", "Trouble"), f"{_moment(standing.last_failure_at)}: {trouble(standing.trouble, standing.detail)}"
        yield t("Thử lại lúc", "Tried again at"), _moment(standing.next_at)
    else:
        yield t("Tình trạng", "State"), t("tốt", "well") if standing.last_success_at else t("chưa chạy", "not run yet")
    yield t("Lần thành công gần nhất", "Last success"), _moment(standing.last_success_at)
    yield t("Số thư đã lấy", "Messages brought"), str(standing.collected)
    yield t("Số thư để lại ở máy chủ kia", "Messages left there"), str(standing.refused)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%d/%m/%Y %H:%M:%S}" if at else "-"
