"""One page of help."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("help", __name__)


@bp.get("/tro-giup")
def guide() -> ResponseReturnValue:
    return render_template("help/guide.html")
