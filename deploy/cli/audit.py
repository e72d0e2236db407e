"""`vanthu audit`: taking records out for inspection, and checking what was taken out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.base import Cli, say
from deploy.cli.refusals import Refused
from deploy.lang import t

if TYPE_CHECKING:
    from mailserver.store.auditexport import Fault as LineFault
    from routing.inspection.verifying import Fault

PATH = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(help=t("Nhật ký hệ thống.", "The audit log."))
def audit() -> None: ...


@audit.command(
    help=t(
        "Xuất nhật ký ra tệp FILE (jsonl hoặc csv) kèm mã băm của chuỗi, cho thanh tra.",
        "Write records to FILE (jsonl or csv) with the hashes of their chain, for an inspection.",
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=t("Từ ngày.", "From this day."))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=t("Đến hết ngày.", "To the end of this day."))
@click.pass_obj
def export(cli: Cli, file: Path, form: str, since: datetime | None, until: datetime | None) -> None:
    from deploy.cli.progress import bars
    from deploy.stores import ADMIN
    from mailserver.store import audit as chain
    from mailserver.store import auditexport

    since_ms = None if since is None else _midnight_ms(since)
    # The last day that there is has none after it.
    until_ms = None if until is None or until.date() == date.max else _midnight_ms(until + timedelta(days=1))
    out = file.open("x", encoding="utf-8", newline="")
    with cli.store() as store, bars() as progress, out:
        first, last = store.db.read(lambda conn: auditexport.bounds(conn, since_ms, until_ms))
        head = auditexport.write(
            store.db.read, out, first, last, auditexport.Format(form), lambda done, all_: progress("audit", done, all_)
        )
        store.db.write(lambda tx: chain.record_tx(tx, "audit.exported", records=[first, last], file=file.name), ADMIN)
    count = last - first + 1
    say(
        f"Đã xuất {count} bản ghi; bản cuối số {head.id}, SHA-256 {head.hash.hex()}.",
        f"Wrote {count} records; the last is no. {head.id}, SHA-256 {head.hash.hex()}.",
    )


@audit.command(
    help=t(
        "Kiểm tra tệp nhật ký đã xuất: bản ghi bị sửa, thiếu, đổi chỗ, bị cắt; và có phải của máy chủ này. Trạng thái"
        " kết thúc 1 nếu có sai.",
        "Check a file that was exported: records changed, missing, moved, cut off; and whether they are of this server."
        " Exit status 1 if anything is wrong.",
    )
)
@click.argument("file", type=PATH)
@click.option("--alone", is_flag=True, help=t("Chỉ xét tệp, không mở kho dữ liệu.", "The file only, without a store."))
@click.pass_obj
def verify(cli: Cli, file: Path, alone: bool) -> None:
    from deploy.cli.progress import bars
    from mailserver.store import auditexport

    with bars() as progress, file.open(encoding="utf-8", errors="replace", newline="") as lines:
        found = auditexport.check(lines, lambda done, _all: progress("audit", done, done))
    if found.fault is not None:
        click.echo(_line_sentence(found.fault, found.line))
        raise SystemExit(1)
    if not alone and found.count:
        with cli.store() as store:
            ours = store.db.read(lambda conn: auditexport.is_ours(conn, found.head))
        if not ours:
            say("Tệp không phải nhật ký của máy chủ này.", "The file is not of this server's audit.")
            raise SystemExit(1)
    last = f"{found.head.id}, SHA-256 {found.head.hash.hex()}"
    say(
        f"{found.count} bản ghi đúng như khi ghi; bản cuối số {last}.",
        f"{found.count} records as they were written; the last is no. {last}.",
    )


def _midnight_ms(day: datetime) -> int:
    from mailserver.directory.records import OFFICE_ZONE

    return round(datetime.combine(day.date(), time.min, OFFICE_ZONE).timestamp() * 1000)


def _line_sentence(kind: LineFault, line: int) -> str:
    return {
        "unreadable": t(f"Dòng {line} không phải bản ghi.", f"Line {line} is no record."),
        "changed": t(f"Bản ghi ở dòng {line} đã bị sửa.", f"The record on line {line} has been changed."),
        "broken": t(
            f"Dòng {line} không nối tiếp dòng trước: có bản ghi bị sửa, thiếu hoặc đổi chỗ.",
            f"Line {line} does not follow the one before: a record was changed, removed or moved.",
        ),
        "cut": t(f"Tệp bị cắt sau dòng {line - 1}.", f"The file is cut off after line {line - 1}."),
    }[kind.value]


@audit.command(
    "verify-minutes",
    help=t(
        "Kiểm tra tệp zip biên bản kiểm tra hộp thư: tệp, bản ghi, và nhật ký của máy chủ này. Trạng thái kết thúc 1"
        " nếu có sai.",
        "Check a zip of minutes of an inspection: its files, its records, and this server's audit. Exit status 1 if"
        " anything is wrong.",
    ),
)
@click.argument("file", type=PATH)
@click.option("--alone", is_flag=True, help=t("Chỉ xét tệp, không mở kho dữ liệu.", "The file only, without a store."))
@click.pass_obj
def verify_minutes(cli: Cli, file: Path, alone: bool) -> None:
    from routing.inspection import verifying

    try:
        found = verifying.read(file)
    except verifying.NotMinutes as fault:
        raise Refused(t(f"{file}: không phải biên bản ({fault}).", f"{file}: not minutes ({fault}).")) from fault
    faults = list(found.faults)
    if not alone:
        with cli.store() as store:
            faults += store.db.read(lambda conn: verifying.against_audit(conn, found))
    for kind, what in faults:
        click.echo(_sentence(kind, what))
    counts = len(found.records), found.messages
    if faults:
        say(f"Lệnh số {found.order}: có {len(faults)} chỗ sai.", f"Order {found.order}: {len(faults)} faults found.")
        raise SystemExit(1)
    say(
        f"Lệnh số {found.order}: {counts[0]} bản ghi, {counts[1]} thư, đúng như khi lập.",
        f"Order {found.order}: {counts[0]} records, {counts[1]} messages, as they were made.",
    )


def _sentence(kind: Fault, what: str) -> str:
    return {
        "record-changed": t(f"Bản ghi {what} đã bị sửa.", f"Record {what} has been changed."),
        "record-moved": t(
            f"Bản ghi {what} không nối tiếp bản trước.", f"Record {what} does not follow the one before."
        ),
        "record-unknown": t(f"Nhật ký không có bản ghi {what} như vậy.", f"The audit has no such record {what}."),
        "message-unknown": t(f"Thư số {what} không có lần mở nào.", f"Message {what} was never opened."),
        "file-changed": t(f"Tệp {what} đã bị sửa.", f"File {what} has been changed."),
        "file-missing": t(f"Thiếu tệp {what}.", f"File {what} is missing."),
        "file-added": t(f"Tệp {what} không thuộc biên bản.", f"File {what} does not belong to the minutes."),
        "minutes-unknown": t(
            "Nhật ký không biết biên bản này đã được lấy.", "The audit does not know that these minutes were taken."
        ),
        "audit-broken": t(f"Chính nhật ký bị đứt ở bản ghi {what}.", f"The audit itself breaks at record {what}."),
    }[kind.value]
