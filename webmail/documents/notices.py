"""The page that gathers the documents that are notices."""

from __future__ import annotations

from flask import render_template, request, url_for

from routing import notices
from webmail.auth.current import actor
from webmail.documents.views import bp
from webmail.paging import last_page
from webmail.services import services

PER_PAGE = 50


@bp.get("/thong-bao")
def notices_page() -> str:
    """Notices that the reader may see, the latest first. trang: the page."""
    page, who, now = max(1, min(request.args.get("trang", 1, type=int), 100_000)), actor(), services().clock()
    skip = (page - 1) * PER_PAGE
    found = services().store.db.read(
        lambda conn: notices.listing(conn, who, now=now, offset=skip, limit=PER_PAGE),
    )
    last = last_page(found.total, PER_PAGE)
    return render_template("documents/notices.html", found=found, page=page, last=last, url=_url)


def _url(page: int) -> str:
    return url_for("documents.notices_page", trang=page)
