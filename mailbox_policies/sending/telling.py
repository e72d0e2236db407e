"""The mail to the administrators when somebody's account sends as a stranger's program would."""

from __future__ import annotations

from mailserver.delivery import notices
from mailserver.delivery.logreader import LogReader
from mailserver.directory import principals
from mailserver.directory.capabilities import keepers_of_the_system
from mailserver.directory.records import office_clock
from mailserver.store.database import Tx
from mailserver.store.events import Event
from mailserver.store.store import Store

_SUBJECT = {"vi": "Gửi thư bất thường: {address}", "en": "Unusual sending: {address}"}
_TEXT = {
    "vi": (
        "Tài khoản {address} ({name}) vừa gửi tới {count} người lạ ở ngoài trong {minutes} phút.\n\n"
        "  lúc:     {at}\n  địa chỉ: {remote}\n\n{held}"
        "Hãy hỏi người dùng. Nếu không phải người ấy gửi thì mật khẩu đã lộ: khóa khẩn cấp tài khoản"
        " (vanthu user lock) và đặt lại mật khẩu."
    ),
    "en": (
        "The account {address} ({name}) has just written to {count} strangers outside within {minutes} minutes.\n\n"
        "  at:      {at}\n  address: {remote}\n\n{held}"
        "Ask the person. If it was somebody else, the password is known to others: lock the account"
        " (vanthu user lock) and reset its password."
    ),
}
_HELD = {
    "vi": "Thư tới người lạ đang được giữ ở trang “Thư bị giữ”, chờ bạn quyết định.\n\n",
    "en": "The letters to strangers wait on the page “Held mail” until you decide.\n\n",
}


def job() -> LogReader:
    """For the worker."""
    return LogReader("unusual-sending", ("sending.unusual",), tell_tx)


def tell_tx(tx: Tx, store: Store, event: Event) -> None:
    """Write to the administrators. The event's data: count, minutes, held, remote."""
    if event.owner_id is None:
        return
    who = principals.get(tx.conn, event.owner_id)
    facts = {
        "address": who.address,
        "name": who.name,
        "at": office_clock(event.at),
        "remote": event.data["remote"] or "—",
        "count": event.data["count"],
        "minutes": event.data["minutes"],
    }
    for keeper in principals.get_many(tx.conn, set(keepers_of_the_system(tx.conn, who.agency_id))).values():
        language = "en" if keeper.reads_english else "vi"
        held = _HELD[language] if event.data["held"] else ""
        text = _TEXT[language].format(**facts, held=held)
        notices.send_tx(tx, store.blobs, keeper, _SUBJECT[language].format(**facts)[:150], text)
