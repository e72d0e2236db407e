"""Attachments: to save, or to look at in place."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from webmail import downloads, viewing
from webmail.auth.current import actor
from webmail.mail import reading
from webmail.mail.views import bp
from webmail.pageimages import NotRenderable, digest_of
from webmail.services import services
from webmail.viewing import Source


def _load(folder_id: int, uid: int, number: str) -> tuple[reading.File, bytes]:
    """An attachment the reader may open; FolderMissing for any other."""
    who, store = actor(), services().store

    def read(conn: Connection) -> tuple[reading.File, bytes]:
        opened = reading.open_message(conn, who, folder_id, uid)
        part = reading.part_of(opened, number)
        return reading.file_of(part), reading.content(conn, store.blobs, opened, part)

    return store.db.read(read)


@bp.get("/<int:folder_id>/<int:uid>/tep/<part>")
def attachment(folder_id: int, uid: int, part: str) -> Response:
    """The file, to be saved."""
    file, data = _load(folder_id, uid, part)
    return downloads.download(data, file.filename, file.media_type)


@bp.get("/<int:folder_id>/<int:uid>/xem/<part>")
def preview(folder_id: int, uid: int, part: str) -> ResponseReturnValue:
    """The file in the viewer."""
    file, data = _load(folder_id, uid, part)
    where: dict[str, Any] = {"folder_id": folder_id, "uid": uid, "part": part}
    source = Source(
        key=part,
        filename=file.filename,
        media_type=file.media_type,
        here=url_for("mail.preview", **where),
        download=url_for("mail.attachment", **where),
        page_url=lambda number, width: url_for("mail.page_image", **where, number=number, width=width),
        picture_url=url_for("mail.picture", **where),
        load=lambda: data,
    )
    shown = viewing.shown(source)
    back = url_for("mail.message", folder_id=folder_id, uid=uid)
    return render_template("mail/preview.html", file=shown, back=back, download=source.download)


@bp.get("/<int:folder_id>/<int:uid>/hinh/<part>")
def picture(folder_id: int, uid: int, part: str) -> Response:
    """The file if its octets are those of a picture, else 404."""
    _file, data = _load(folder_id, uid, part)
    media_type = downloads.sniffed(data)
    if media_type is None:
        abort(404)
    return downloads.picture(data, media_type)


@bp.get("/<int:folder_id>/<int:uid>/trang/<part>/<int:number>/<int:width>.jpg")
def page_image(folder_id: int, uid: int, part: str, number: int, width: int) -> Response:
    """One page of a PDF as a picture; 404 if it cannot be rendered."""
    _file, data = _load(folder_id, uid, part)
    try:
        image = viewing.images().page(digest_of(data), number, width, lambda: data)
    except NotRenderable:
        abort(404)
    return downloads.picture(image, "image/jpeg")
