"""What the directory says of oneself: to be read, and asked to be changed (132/QĐ-STTTT, Điều 6 khoản 4)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from mailserver.directory import changing, posts, principals, requests
from mailserver.directory.changing import Facts
from mailserver.directory.requests import ChangeRequest
from webmail.auth.current import actor, current_user
from webmail.i18n import _, _l
from webmail.notes import say
from webmail.services import services
from webmail.staff import words

bp = Blueprint("details", __name__, url_prefix="/tai-khoan/thong-tin")


class WishForm(FlaskForm):
    wish = TextAreaField(
        _l("Cần sửa gì"),
        [
            DataRequired(_l("Hãy ghi điều cần sửa.")),
            Length(max=requests.LONGEST, message=_l("Tối đa 1000 ký tự.")),
        ],
    )


@bp.get("/")
def index() -> str:
    return _page(WishForm(formdata=None))


@bp.post("/")
def ask() -> ResponseReturnValue:
    """Form: wish. 303; 422 and the form if it is empty, or too many wait already."""
    form, own_id = WishForm(), current_user().principal_id
    if not form.validate_on_submit():
        return _page(form), 422
    wish = form.wish.data.strip()
    if not services().store.db.write(lambda tx: requests.ask_tx(tx, own_id, wish), actor()):
        form.wish.errors = [_("Bạn còn nhiều đề nghị đang chờ; hãy đợi trả lời.")]
        return _page(form), 422
    say(_("Đã gửi đề nghị tới quản trị hệ thống."))
    return redirect(url_for("details.index"), code=303)


def _page(form: WishForm) -> str:
    own = current_user()

    def read(conn: Connection) -> tuple[Facts, str, list[str], list[ChangeRequest]]:
        facts = changing.facts_of(conn, own.principal_id)
        units = {one.id: one.principal.name for one in posts.units(conn, own.agency_id)}
        reached = principals.addresses_of(conn, own.principal_id)
        return facts, units.get(facts.unit_id or 0, ""), reached, requests.of_person(conn, own.principal_id)

    facts, unit, addresses, asked = services().store.db.read(read)
    return render_template(
        "account/details.html", form=form, facts=facts, unit=unit, addresses=addresses, asked=asked, words=words
    )
