"""The rules of mail of an agency: only for its administrators, for everybody else there is no such page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailbox_policies import changes, choices, dryrun
from mailbox_policies.chain import RULES, Choice
from mailbox_policies.choices import ChangedMeanwhile, NoSuchVersion, Version
from mailbox_policies.fields import Field, Kind, SettingInvalid, changed, difference, values_of
from mailbox_policies.modes import Mode
from mailbox_policies.rule import Rule
from mailbox_policies.spam.figures import figures
from mailserver import sizes
from mailserver.directory import principals
from mailserver.directory.records import Principal
from mailserver.policy import Verdict
from mailserver.store.errors import Forbidden
from webmail.auth.current import actor, current_user
from webmail.i18n import _
from webmail.i18n import choose as language
from webmail.notes import say
from webmail.policies import prose, scanner, words
from webmail.services import services

bp = Blueprint("policies", __name__, url_prefix="/chinh-sach")

CAPABILITY = "manage_accounts"
DAYS = (7, 30, 90, 365)
# Characters of settings in an address.
MOST_TRIED = 4_000


@bp.get("/")
def index() -> ResponseReturnValue:
    """All rules with how far each goes. 404 for who is no administrator."""
    agency_id = _agency()
    found = services().store.db.read(
        lambda conn: [(rule, _chosen(conn, agency_id, rule), _newest(conn, agency_id, rule)) for rule in RULES]
    )
    return render_template("policies/index.html", rules=found, words=words)


@bp.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """One rule: its settings, its history, and trying it. 404."""
    agency_id, rule = _agency(), _rule(name)
    return _page(agency_id, rule)


@bp.post("/<name>")
def choose(name: str) -> ResponseReturnValue:
    """Form: mode, each field by its name, version (the one that was seen). 303; 404, 409, 422 with what is wrong."""
    agency_id, rule = _agency(), _rule(name)
    mode = next((one for one in Mode if one.value == request.form.get("mode")), None)
    if mode is None:
        abort(422)
    try:
        kept = _difference(agency_id, rule)
    except SettingInvalid as wrong:
        return _page(agency_id, rule, wrong.field), 422
    after = request.form.get("version", 0, type=int)
    try:
        services().store.db.write(lambda tx: choices.set_tx(tx, agency_id, rule, mode, kept, after=after), actor())
    except ChangedMeanwhile:
        say(_("Người khác vừa đổi quy tắc này; hãy xem lại rồi lưu."), error=True)
    else:
        say(_("Đã lưu, có hiệu lực ngay."))
    return redirect(url_for("policies.show", name=name), code=303)


@bp.post("/<name>/khoi-phuc")
def restore(name: str) -> ResponseReturnValue:
    """Form: version, 0 for what the regulation says. 303; 404, 422 (it does not fit the rule of today)."""
    agency_id, rule = _agency(), _rule(name)
    version = request.form.get("version", -1, type=int)
    try:
        services().store.db.write(lambda tx: choices.restore_tx(tx, agency_id, rule, version), actor())
    except NoSuchVersion:
        abort(404)
    except SettingInvalid:
        abort(422)
    say(_("Đã khôi phục, có hiệu lực ngay."))
    return redirect(url_for("policies.show", name=name), code=303)


@bp.post("/<name>/thu")
def try_one(name: str) -> ResponseReturnValue:
    """Form: eml, a message as a file. The page with what the rule says of it; nothing is kept. 404, 422."""
    agency_id, rule = _agency(), _rule(name)
    octets = request.files["eml"].read() if "eml" in request.files else b""
    if not octets:
        return _page(agency_id, rule, "eml"), 422
    octets, scanners = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), services().delivery.scanners

    def ask(conn: Connection) -> Verdict:
        return dryrun.try_one(rule, _chosen(conn, agency_id, rule).settings, conn, agency_id, octets, scanners)

    return _page(agency_id, rule, said=services().store.db.read(ask))


@bp.post("/<name>/chay-thu")
def try_form(name: str) -> ResponseReturnValue:
    """Form: as for `choose`, and ngay. 303 to the dry run with these settings, which are not saved; 404, 422."""
    agency_id, rule = _agency(), _rule(name)
    try:
        kept = _difference(agency_id, rule)
    except SettingInvalid as wrong:
        return _page(agency_id, rule, wrong.field), 422
    said = json.dumps(kept, separators=(",", ":"))
    if len(said) > MOST_TRIED:
        say(_("Cài đặt này quá dài để thử trước khi lưu; hãy lưu ở mức Chạy thử rồi thử."), error=True)
        return redirect(url_for("policies.show", name=name), code=303)
    days = request.form.get("ngay", 30, type=int)
    return redirect(url_for("policies.dry_run", name=name, ngay=days, cai_dat=said), code=303)


@bp.get("/<name>/chay-thu")
def dry_run(name: str) -> ResponseReturnValue:
    """A slice of the last mail asked about: ngay: how many days; sau: the id to go on behind; da_xet, trung: so far.
    cai_dat: JSON, what differs from the start in settings that are not saved; without it the saved ones are tried.

    Whole page without scripts; with them the page asks for one slice after the other. Nothing is written. 422.
    """
    agency_id, rule = _agency(), _rule(name)
    unsaved = request.args.get("cai_dat", "")
    days = min(max(request.args.get("ngay", 30, type=int), 1), 3650)
    after, before = request.args.get("sau", 0, type=int), request.args.get("da_xet", 0, type=int)
    hits, store = request.args.get("trung", 0, type=int), services().store
    since = services().clock() - timedelta(days=days)
    settings = store.db.read(lambda conn: _tried(conn, agency_id, rule, unsaved))
    found = dryrun.look(store, rule, settings, agency_id, since, after, scanners=services().delivery.scanners)
    left = 0
    if found.last is not None:
        left = store.db.read(lambda conn: dryrun.count(conn, agency_id, since, found.last or 0))
    seen = before + found.seen
    progress = {"seen": seen, "total": seen + left, "hits": hits + len(found.hits), "days": days}
    template = "policies/_slice.html" if "HX-Request" in request.headers else "policies/dry_run.html"
    return render_template(template, rule=rule, found=found, words=words, unsaved=unsaved, **progress)


def _tried(conn: Connection, agency_id: int, rule: Rule[Any], unsaved: str) -> Any:
    """The settings to try: the saved ones, or what is given as JSON. 422 for what fits no setting."""
    if not unsaved:
        return _chosen(conn, agency_id, rule).settings
    try:
        return changed(_start(conn, agency_id, rule).settings, rule.fields, dict(json.loads(unsaved[:MOST_TRIED])))
    except (SettingInvalid, ValueError, TypeError):
        abort(422)


def _difference(agency_id: int, rule: Rule[Any]) -> dict[str, Any]:
    """What the form has otherwise than the start, as JSON. Raises SettingInvalid."""
    values = {field.name: _typed(field) for field in rule.fields}
    start = services().store.db.read(lambda conn: _start(conn, agency_id, rule))
    return difference(start.settings, rule.fields, changed(start.settings, rule.fields, values))


def _page(agency_id: int, rule: Rule[Any], wrong: str = "", said: Verdict | None = None) -> str:
    def read(conn: Connection) -> tuple[Choice, Choice, list[Version], Mapping[int, Principal]]:
        history = choices.history(conn, agency_id, rule.name)
        people = {one.actor_id for one in history if one.actor_id is not None}
        start, held = _start(conn, agency_id, rule), _chosen(conn, agency_id, rule)
        return start, held, history, principals.get_many(conn, people)

    start, held, history, people = services().store.db.read(read)
    learned = services().store.db.read(lambda conn: figures(conn, agency_id)) if rule.by_opinion else None
    values = values_of(rule.fields, held.settings)
    values |= {one.name: sizes.exact(values[one.name]) for one in rule.fields if one.kind is Kind.OCTETS}
    mode, version = held.mode, history[0].version if history else 0
    if wrong in values:  # all as it was typed; who saves it then has still seen only the version of before
        values |= {field.name: request.form.get(field.name, "") for field in rule.fields}
        mode = next((one for one in Mode if one.value == request.form.get("mode")), mode)
        version = request.form.get("version", 0, type=int)
    return render_template(
        "policies/show.html",
        rule=rule,
        start=start,
        held=held,
        values=values,
        mode=mode,
        version=version,
        history=changes.of_history(rule, start, history),
        prose=prose.of_rule(rule.name, language()),
        html=prose.html,
        people=people,
        wrong=wrong,
        said=said,
        learned=learned,
        modes=list(Mode),
        kinds=Kind,
        days=DAYS,
        words=words,
        scanner=scanner.of(rule),
    )


def _typed(field: Field) -> Any:
    """What the form gives for a field, as JSON. Raises SettingInvalid."""
    text = request.form.get(field.name, "").strip()
    match field.kind:
        case Kind.FLAG:
            return text == "1"
        case Kind.CHOICE:
            return text
        case Kind.LINES:
            return text.splitlines()
        case Kind.OCTETS:
            try:
                return sizes.read(text)
            except ValueError:
                raise SettingInvalid(field.name, "not a size") from None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise SettingInvalid(field.name, "not a number")
    return int(text)


def _start(conn: Connection, agency_id: int, rule: Rule[Any]) -> Choice:
    return services().rules_start(conn, agency_id).choice(rule)


def _newest(conn: Connection, agency_id: int, rule: Rule[Any]) -> Version | None:
    return choices.current(conn, agency_id).get(rule.name)


def _chosen(conn: Connection, agency_id: int, rule: Rule[Any]) -> Choice:
    start = _start(conn, agency_id, rule)
    try:
        return choices.chosen(rule, start, _newest(conn, agency_id, rule))
    except SettingInvalid:  # as the doors do: what does not fit any more is left out
        return start


def _rule(name: str) -> Rule[Any]:
    found = next((rule for rule in RULES if rule.name == name), None)
    if found is None:
        abort(404)
    return found


def _agency() -> int:
    """The agency of the administrator who asks. Raises Forbidden, which looks like a page that is not there."""
    user = current_user()
    if CAPABILITY not in user.capabilities:
        raise Forbidden("a")
    return user.agency_id
