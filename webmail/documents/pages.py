"""What the document page shows, gathered in one reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import Connection

from routing import views
from routing.types import DocumentView, FileView
from webmail import viewing
from webmail.auth.current import actor
from webmail.documents import journey
from webmail.documents.acts import Acts, acts
from webmail.documents.journey import ALL, OPINIONS, SEEN, Line
from webmail.i18n import _
from webmail.services import services
from webmail.viewing import Shown, Source


@dataclass(frozen=True, slots=True)
class DocumentPage:
    document: DocumentView
    acts: Acts
    lines: list[Line]
    filters: tuple[tuple[str, str], ...]
    filter: str
    files: tuple[Shown, ...]
    file: Shown | None
    source: str


def load(document_id: int) -> DocumentView:
    """The document, if the reader may see it. Raises DocumentMissing."""
    who, now = actor(), services().clock()
    return services().store.db.read(lambda conn: views.document(conn, who, document_id, now))


def render(document_id: int, sent: dict[str, FlaskForm] | None = None) -> str:
    """The page of a document; `sent`: forms to be shown as they came, with their errors."""
    who, now, store = actor(), services().clock(), services().store

    def read(conn: Connection) -> tuple[DocumentView, Acts]:
        view = views.document(conn, who, document_id, now)
        return view, acts(conn, who, view, sent or {})

    view, forms = store.db.read(read)
    tabs = tuple(viewing.tab(source_of(document_id, file)) for file in view.files)
    shown = request.args.get("loc", ALL)
    filters = ((ALL, _("Tất cả")), (OPINIONS, _("Ý kiến")), (SEEN, _("Ai đã xem")))
    page = DocumentPage(
        document=view,
        acts=forms,
        lines=journey.lines(view, shown),
        filters=filters,
        filter=shown,
        files=tabs,
        file=_chosen(document_id, view),
        source=_source_url(view),
    )
    return render_template("documents/show.html", page=page)


def _chosen(document_id: int, view: DocumentView) -> Shown | None:
    wanted = request.args.get("tep", type=int)
    file = next((one for one in view.files if one.id == wanted), view.files[0] if view.files else None)
    return None if file is None else viewing.shown(source_of(document_id, file))


def source_of(document_id: int, file: FileView) -> Source:
    where: dict[str, Any] = {"document_id": document_id, "file_id": file.id}
    return Source(
        key=str(file.id),
        filename=file.filename,
        media_type=file.media_type,
        here=url_for("documents.show", document_id=document_id, tep=file.id, _anchor="tep"),
        download=url_for("documents.file", **where),
        page_url=lambda number, width: url_for("documents.page_image", **where, number=number, width=width),
        picture_url=url_for("documents.picture", **where),
        load=_loader(document_id, file.id),
        digest=file.sha256,
    )


def _loader(document_id: int, file_id: int) -> Callable[[], bytes]:
    who, now, store = actor(), services().clock(), services().store
    return lambda: views.open_file(store, who, document_id, file_id, now).data


def _source_url(view: DocumentView) -> str:
    ref = view.source_message
    return url_for("mail.message", folder_id=ref.folder_id, uid=ref.uid) if ref else ""
