"""The page that helps people to set up their mail programs, and the profile for Apple's devices."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mailserver.directory.agencies import domains
from webmail.clients import apple
from webmail.clients.discovery import agency_name, guide_url
from webmail.clients.offer import is_inside, kept_address, offer_everywhere
from webmail.clients.qr import qr
from webmail.public import public
from webmail.services import services, settings

bp = Blueprint("clients", __name__, url_prefix="/cai-dat-thu")


@bp.get("/")
@public
def guide() -> str:
    """Servers, ports and steps. Query: dia_chi, for people who come from the QR code and are not signed in.

    Tells nothing that the files for mail programs do not tell everybody.
    """
    address = _address()
    own = settings()
    return render_template(
        "clients/guide_inside.html" if g.user is not None else "clients/guide_outside.html",
        address=address,
        doors=own.mail_doors,
        lan_doors=own.lan_doors,
        inside=is_inside(own, request.remote_addr or ""),
        offer=offer_everywhere(own),
        code=qr(f"{guide_url()}?dia_chi={quote(address)}" if address else guide_url()),
    )


@bp.get("/vanthu.mobileconfig")
@public
def profile() -> ResponseReturnValue:
    """The profile for an iPhone, iPad or Mac. Query: dia_chi. 404: another's domain, or no doors are open.

    Names that work everywhere: these devices are carried about.
    """
    given = request.args.get("dia_chi", "")

    def read(conn: Connection) -> tuple[str, str, str]:
        address = kept_address(conn, given) if given else ""
        domain = next(iter(domains(conn)), "") if address == "" else (address or "").rpartition("@")[2]
        return address or "", domain, agency_name(conn, domain) if domain else ""

    address, domain, agency = services().store.db.read(read)
    offer = offer_everywhere(settings())
    if not domain or offer is None:
        abort(404)
    made = apple.profile(domain, address, (agency, settings().product), offer)
    response = Response(services().sign_profile(made), content_type=apple.TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="vanthu.mobileconfig"'
    return response


def _address() -> str:
    """Of the person signed in, else the one in the query if it is in a domain of ours, else ""."""
    if g.user is not None:
        return str(g.user.address)
    given = request.args.get("dia_chi", "")
    return services().store.db.read(lambda conn: kept_address(conn, given)) or "" if given else ""
