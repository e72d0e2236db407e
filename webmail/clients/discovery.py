"""What mail programs and other mail servers fetch by themselves, without anybody signed in.

Answers depend on the domain alone, never on whether an account exists, and on nothing a stranger
could have written but the login name.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.routing import BaseConverter

from mailserver.directory.agencies import agency_by_id, agency_of_domain
from webmail.clients import autoconfig, autodiscover
from webmail.clients.autodiscover import Fault, Refused
from webmail.clients.offer import Offer, domain_asked, kept_address, offer_for
from webmail.public import public
from webmail.services import services, settings

bp = Blueprint("discovery", __name__)
XML = "application/xml; charset=utf-8"
MTA_STS = "mta-sts."


class AutodiscoverXml(BaseConverter):
    """Programs write this path in any case."""

    regex = r"(?i:autodiscover/autodiscover\.xml)"
    part_isolating = False


class AutodiscoverJson(BaseConverter):
    """As above; some add the version, and the address behind it."""

    regex = r"(?i:autodiscover/autodiscover\.json)"
    part_isolating = False


def init(app: Flask) -> None:
    """Before the blueprint is registered: its routes need these."""
    app.url_map.converters.update(autodiscover_xml=AutodiscoverXml, autodiscover_json=AutodiscoverJson)


def guide_url() -> str:
    """The page for people, under the name that browsers know."""
    return settings().address + url_for("clients.guide")


def agency_name(conn: Connection, domain: str) -> str:
    """Of the agency whose domain this is."""
    agency_id = agency_of_domain(conn, domain)
    return "" if agency_id is None else agency_by_id(conn, agency_id).name


def _offer() -> Offer:
    """404 where an administrator has opened no door for mail programs."""
    found = offer_for(settings(), request.remote_addr or "")
    return found if found is not None else abort(404)


@bp.get("/mail/config-v1.1.xml")
@bp.get("/.well-known/autoconfig/mail/config-v1.1.xml")
@public
def thunderbird() -> Response:
    """Thunderbird's configuration. Query: emailaddress, or nothing (stalwart #1537). 404: another's domain."""
    given, host = request.args.get("emailaddress", ""), request.host.partition(":")[0]

    def read(conn: Connection) -> tuple[str, str]:
        domain = domain_asked(conn, given, host) or ""
        return domain, agency_name(conn, domain) if domain else ""

    domain, name = services().store.db.read(read)
    if not domain:
        abort(404)
    return Response(autoconfig.config(domain, name, _offer(), guide_url()), content_type=XML)


@bp.get("/.well-known/mta-sts.txt")
@public
def transport_policy() -> Response:
    """The MTA-STS policy of a domain of ours, under the name mta-sts.DOMAIN (RFC 8461 §3.2). 404: there is none."""
    policy, host = settings().transport_policy, request.host.partition(":")[0].lower()
    domain = host.removeprefix(MTA_STS)
    known = services().store.db.read(lambda conn: agency_of_domain(conn, domain)) if host != domain and policy else None
    if known is None:
        abort(404)
    return Response(policy, content_type="text/plain; charset=utf-8")


@bp.get("/<autodiscover_xml:path>")
@bp.post("/<autodiscover_xml:path>")
@public
def outlook(path: str) -> ResponseReturnValue:
    """Outlook's settings. Body of a POST: XML with an address; 413 above `autodiscover.LARGEST` octets.

    GET is what Outlook tries when it looks for a redirection: it learns that nothing is to be had so.
    """
    body = request.stream.read(autodiscover.LARGEST + 1)
    if len(body) > autodiscover.LARGEST:
        return "", 413
    try:
        answer = _settings(body)
    except Refused as refused:
        answer = autodiscover.refusal(refused.fault, services().clock())
    return Response(answer, content_type=XML)


def _settings(body: bytes) -> bytes:
    """Raises Refused."""
    given = autodiscover.read(body).address
    address = services().store.db.read(lambda conn: kept_address(conn, given))
    found = offer_for(settings(), request.remote_addr or "")
    if address is None or found is None:
        raise Refused(Fault.ADDRESS_NOT_HERE)
    return autodiscover.settings(address, found)


@bp.get("/<autodiscover_json:path>")
@bp.get("/<autodiscover_json:path>/v1.0/<address>")
@public
def outlook_pointer(path: str, address: str = "") -> ResponseReturnValue:
    """Version 2: where to ask version 1. Query: Email, Protocol. 404: another's domain; 400: no such protocol."""
    given = {name.lower(): value for name, value in request.args.items()}
    wanted = given.get("protocol", "")
    if not wanted:
        return jsonify(ErrorCode="MandatoryParameterMissing", ErrorMessage="Protocol is missing"), 400
    if wanted.lower() != "autodiscoverv1":
        return jsonify(ErrorCode="ProtocolNotSupported", ErrorMessage="Only AutodiscoverV1 is served here"), 400
    asked = address or given.get("email", "")
    if services().store.db.read(lambda conn: kept_address(conn, asked)) is None:
        return jsonify(ErrorCode="UserNotFound", ErrorMessage=autodiscover.WORDS[Fault.ADDRESS_NOT_HERE]), 404
    return jsonify(Protocol="AutodiscoverV1", Url=f"{settings().address}/autodiscover/autodiscover.xml")
