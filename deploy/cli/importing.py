"""Showing what `vanthu user import` did, or would do."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.base import Cli, say
from deploy.cli.progress import bars
from deploy.cli.refusals import Refused
from deploy.lang import LANG, t
from deploy.stores import ADMIN
from mailserver.directory import principals
from mailserver.directory.importing import Imported, Outcome, Report, import_people
from mailserver.directory.people_files import Unreadable
from routing import setup, staff_names

MARKS = {
    Outcome.CREATED: t("tạo mới", "made"),
    Outcome.CHANGED: t("thay đổi", "changed"),
    Outcome.EXISTS: t("đã có", "exists"),
    Outcome.FAILED: t("lỗi", "failed"),
}


def run(cli: Cli, file: Path, dry_run: bool) -> None:
    """Import the list into the agency of the settings' domain. Ends with status 1 if a row failed."""
    with cli.store() as store, bars() as progress:
        agency_id = store.db.read(lambda conn: principals.agency_of_domain(conn, cli.settings.domain))
        if agency_id is None:
            raise Refused(t("Chưa có cơ quan; hãy chạy “vanthu init”.", "There is no agency yet; run “vanthu init”."))
        scheme = store.db.read(lambda conn: staff_names.naming_scheme(conn, agency_id))
        try:
            report = import_people(
                store.db,
                file,
                agency_id,
                scheme,
                ADMIN,
                dry_run=dry_run,
                prepare=setup.prepare_mailbox_tx,
                progress=lambda done, total: progress("people", done, total),
            )
        except Unreadable as fault:
            raise Refused(f"{file}: {fault.sentence.in_(LANG)}") from fault
    _show(report)


def _show(report: Report) -> None:
    for row in report.rows:
        click.echo(_line(row))
    made, changed, there, failed = (report.count(outcome) for outcome in Outcome)
    if report.dry_run:
        say("Chỉ xem trước: chưa tạo gì.", "A preview only: nothing was made.")
    say(
        f"{made} tạo mới, {changed} thay đổi, {there} đã có, {failed} lỗi.",
        f"{made} made, {changed} changed, {there} existed, {failed} failed.",
    )
    if failed:
        raise SystemExit(1)


def _line(row: Imported) -> str:
    parts = [f"{row.number}", MARKS[row.outcome], row.name, row.address, row.password]
    parts += [note.in_(LANG) for note in row.notes]
    parts += [f"{old} → {new}" for old, new in row.renamed]
    parts += [f"{one.field}: {one.old or '–'} → {one.new}" for one in row.changes]
    return "\t".join(part for part in parts if part)
