"""What administrators do about accounts; rights are asked here, whatever the door
(1201/QĐ-SYT, Điều 4 khoản 1; 04/2017/QĐ-UBND, Điều 10 khoản 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from mailserver.actor import Actor
from mailserver.delivery import notices
from mailserver.directory import absences, credentials, departures, passwords, principals, resets
from mailserver.directory.departures import Departure, Wish
from mailserver.directory.errors import NoSuchPrincipal
from mailserver.directory.records import Principal, Status, office_clock, office_day
from mailserver.directory.resets import Request
from mailserver.store.database import Tx
from mailserver.store.errors import Forbidden
from mailserver.store.store import Store
from routing.standing import standing_of

CAPABILITY = "manage_accounts"
# Subject and text of what people are told, by what happened and their language.
_LETTERS = {
    "password": {
        "vi": (
            "Bạn đã được cấp mật khẩu mới",
            "{who} đã cấp mật khẩu dùng một lần cho tài khoản {address} lúc {at}.\n\n"
            "Nếu bạn không đề nghị việc này, hãy báo ngay cho lãnh đạo đơn vị.",
        ),
        "en": (
            "You were given a new password",
            "{who} gave the account {address} a one-time password at {at}.\n\n"
            "If you did not ask for it, tell the head of your unit at once.",
        ),
    },
    "second": {
        "vi": (
            "Xác thực hai bước của bạn đã được tắt",
            "{who} đã tắt xác thực hai bước của tài khoản {address} lúc {at}, theo yêu cầu gửi sau khi nhập đúng mật "
            "khẩu.\n\nNếu bạn không yêu cầu, có người biết mật khẩu của bạn: hãy khóa khẩn cấp.",
        ),
        "en": (
            "Your second step was switched off",
            "{who} switched the second step of {address} off at {at}, as was asked after the right password."
            "\n\nIf you did not ask for it, somebody knows your password: lock your account.",
        ),
    },
    "passkeys": {
        "vi": (
            "Khóa truy cập của bạn đã bị gỡ",
            "{who} đã gỡ mọi khóa truy cập (passkey) của tài khoản {address} lúc {at}. Lý do: {reason}\n\n"
            "Bạn đăng nhập bằng mật khẩu như trước, và tạo khóa mới được.",
        ),
        "en": (
            "Your passkeys were removed",
            "{who} removed all passkeys of {address} at {at}. Reason: {reason}\n\n"
            "You sign in by your password as before, and can make new ones.",
        ),
    },
    "suspended.ordered": {
        "vi": (
            "Đã tạm đình chỉ tài khoản {name}",
            "{who} đã tạm đình chỉ tài khoản {name} ({address}) lúc {at}, theo lệnh của bạn.\nLý do: {reason}\n\n"
            "Thư vẫn tới hộp thư này; mọi việc tài khoản đã làm còn trong nhật ký. Nếu bạn không ra lệnh này, hãy báo "
            "ngay cho quản trị.",
        ),
        "en": (
            "The account of {name} is suspended",
            "{who} suspended the account of {name} ({address}) at {at}, by your order.\nReason: {reason}\n\n"
            "Mail goes on arriving; all that the account did is in the audit. If this was not your order, tell the "
            "administrator at once.",
        ),
    },
    "lifted.ordered": {
        "vi": (
            "Tài khoản {name} được mở lại",
            "{who} đã mở lại tài khoản {name} ({address}) lúc {at}. Lý do: {reason}",
        ),
        "en": ("The account of {name} is open", "{who} opened the account of {name} ({address}) at {at}: {reason}"),
    },
    "unlocked": {
        "vi": ("Tài khoản của bạn đã được mở lại", "{who} đã mở lại tài khoản {address} lúc {at}. Lý do: {reason}"),
        "en": ("Your account is open again", "{who} opened the account {address} again at {at}. Reason: {reason}"),
    },
    "change.done": {
        "vi": ("Thông tin của bạn đã được sửa", "{who} đã sửa thông tin của bạn lúc {at}.\n\nBạn đề nghị: {reason}"),
        "en": ("Your details were changed", "{who} changed your details at {at}.\n\nYou asked for: {reason}"),
    },
    "change.refused": {
        "vi": ("Đề nghị sửa thông tin không được chấp nhận", "{who} không sửa thông tin của bạn. Lý do: {reason}"),
        "en": ("Your details were not changed", "{who} did not change your details. Reason: {reason}"),
    },
}


def require_administrator(conn: Connection, actor: Actor, now: datetime) -> int:
    """The agency whose accounts the actor manages. Raises Forbidden."""
    standing = standing_of(conn, actor, now)
    if standing.agency_id is None or not standing.can(CAPABILITY, standing.agency_id):
        raise Forbidden("a")
    return standing.agency_id


def waiting_resets(conn: Connection, actor: Actor, now: datetime) -> list[Request]:
    """Who of the actor's agency waits for a new password. Raises Forbidden."""
    return resets.waiting(conn, require_administrator(conn, actor, now))


def give_password(store: Store, request_id: int, actor: Actor, now: datetime) -> tuple[Principal, str]:
    """Make a one-time password for who asked for it; it is shown to the administrator this once.

    Audited, and told to the person by mail. Raises Forbidden, NoSuchRequest.
    """

    def asked(conn: Connection) -> Request:
        return resets.get(conn, request_id, require_administrator(conn, actor, now))

    person_id, plain = store.db.read(asked).who.id, passwords.new_first_password()
    first = credentials.prepare(store.db, person_id, plain)

    def work(tx: Tx) -> Principal:
        agency_id = require_administrator(tx.conn, actor, now)
        who = resets.give_tx(tx, request_id, agency_id, first)
        tell_tx(tx, store, who, actor, "password")
        return who

    return store.db.write(work, actor), plain


def switch_off_second(store: Store, request_id: int, actor: Actor, now: datetime) -> Principal:
    """Switch off the second factor of who lost the phone. Audited, and told to the person by mail.

    Raises Forbidden, NoSuchRequest.
    """

    def work(tx: Tx) -> Principal:
        who = resets.switch_off_second_tx(tx, request_id, require_administrator(tx.conn, actor, now))
        tell_tx(tx, store, who, actor, "second")
        return who

    return store.db.write(work, actor)


def refuse_password_tx(tx: Tx, request_id: int, now: datetime) -> Principal:
    """Take a request off the list. Raises Forbidden, NoSuchRequest."""
    return resets.refuse_tx(tx, request_id, require_administrator(tx.conn, tx.actor, now))


def tell_tx(
    tx: Tx, store: Store, who: Principal, by: Actor, what: str, reason: str = "", to: Principal | None = None
) -> None:
    """Write to a person what an administrator did. what: a key of _LETTERS. to: somebody else who is to know of it."""
    assert by.principal_id is not None
    reader = to or who
    subject, text = _LETTERS[what]["en" if reader.reads_english else "vi"]
    facts = {
        "who": principals.get(tx.conn, by.principal_id).name,
        "name": who.name,
        "address": who.address,
        "at": office_clock(tx.now),
        "reason": reason,
    }
    notices.send_tx(tx, store.blobs, reader, subject.format(**facts), text.format(**facts))


@dataclass(frozen=True, slots=True)
class Member:
    """One of the agency's people. unit: its name, "" for none. away_until: the last day of an absence today."""

    who: Principal
    unit: str
    departure: Departure | None
    away_until: date | None

    @property
    def may_take_over(self) -> bool:
        return self.who.status is Status.ACTIVE and self.departure is None


def members(conn: Connection, actor: Actor, now: datetime) -> list[Member]:
    """Everybody of the actor's agency, who has left too, by unit. Raises Forbidden."""
    agency_id = require_administrator(conn, actor, now)
    leaving, away = departures.of_agency(conn, agency_id), absences.of_agency(conn, agency_id, office_day(now))
    names = {one.id: one.principal.name for one in principals.units(conn, agency_id)}
    found = principals.people(conn, agency_id, with_left=True)
    units = {one.id: names.get(principals.unit_of(conn, one.id) or 0, "") for one in found}
    return [
        Member(one, units[one.id], leaving.get(one.id), away[one.id].ends_on if one.id in away else None)
        for one in found
    ]


def schedule_tx(tx: Tx, person_id: int, wish: Wish, now: datetime) -> None:
    """Note that somebody leaves. Raises Forbidden, NoSuchPrincipal (of another agency too), DepartureInvalid."""
    _require_own(tx, person_id, now)
    departures.schedule_tx(tx, person_id, wish)


def cancel_tx(tx: Tx, person_id: int, now: datetime) -> None:
    """Take it back before the day. Raises Forbidden, NoSuchPrincipal, NoSuchDeparture."""
    _require_own(tx, person_id, now)
    departures.cancel_tx(tx, person_id)


def _require_own(tx: Tx, person_id: int, now: datetime) -> None:
    if principals.get(tx.conn, person_id).agency_id != require_administrator(tx.conn, tx.actor, now):
        raise NoSuchPrincipal(person_id)
