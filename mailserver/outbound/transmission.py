"""One job from its route to the outcomes: host after host until one takes part."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from mailserver.outbound.connecting import NotReached, Terms, connect, part
from mailserver.outbound.connections import Connection, Connections, Server
from mailserver.outbound.conversation import Outcomes, Stale, converse
from mailserver.outbound.jobs import Job
from mailserver.outbound.octets import Outgoing
from mailserver.outbound.outcomes import End, Outcome, Stage, of_reply, ours
from mailserver.outbound.routes import NoRoute, NoRouteNow, Way

# Finds the way to a destination. Raises NoRoute, NoRouteNow.
Route = Callable[[str], Awaitable[Way]]


@dataclass(frozen=True, slots=True)
class Transmitted:
    """outcomes: for every recipient. reached: a host of the destination took part, or there never will be one."""

    outcomes: Outcomes
    reached: bool


# Reads the message; called when a host has been reached.
Letter = Callable[[], Awaitable[Outgoing]]


async def transmit(job: Job, letter: Letter, route: Route, terms: Terms, connections: Connections) -> Transmitted:
    """By a connection that is open already, or by a new one. Raises what `letter` raises."""
    try:
        way = await route(job.destination)
    except NoRoute as none:
        return _all(job, ours(End.FAILED, none.status, str(none)), reached=True)
    except NoRouteNow as trouble:
        return _all(job, ours(End.AGAIN, trouble.status, str(trouble)), reached=False)
    terms = way.terms or terms
    last = Outcome(End.AGAIN, 0, "4.4.1", "no host could be reached")
    for host in way.hosts:
        due = terms if host.tls is None else replace(terms, tls=host.tls, tlsa=host.tlsa, also=job.destination)
        for address in host.addresses:
            try:
                outcomes = await _send(job, letter, Server(host.name, address, due), connections)
            except NotReached as fault:
                last = _not_reached(fault, host.name)
                continue
            return Transmitted(outcomes, reached=True)
    return _all(job, last, reached=False)


async def _send(job: Job, letter: Letter, server: Server, connections: Connections) -> Outcomes:
    """The outcomes of a transaction with this server. Raises NotReached."""
    kept = connections.take(server)
    if kept is not None:
        with contextlib.suppress(Stale):
            return await _by(kept, job, letter, connections)
    client = await connect(server.name, server.address, server.terms)
    return await _by(Connection(client, server), job, letter, connections)


async def _by(connection: Connection, job: Job, letter: Letter, connections: Connections) -> Outcomes:
    """Raises Stale, and what `letter` raises."""
    client, server = connection.client, connection.server
    try:
        again = connection.letters > 0
        outcomes = await converse(client, server.name, job, await letter(), server.terms.patience, again=again)
    except BaseException:
        client.close()
        raise
    # After a refusal it is not between two transactions, and the server may think badly of it.
    if any(one.end is End.SENT for one in outcomes.values()):
        await connections.put(connection)
    else:
        await part(client)
    return outcomes


def _not_reached(fault: NotReached, host: str) -> Outcome:
    if fault.code:
        return of_reply(Stage.HELLO, fault.code, fault.words, host)
    return ours(End.AGAIN, fault.status, fault.words, host)


def _all(job: Job, outcome: Outcome, reached: bool) -> Transmitted:
    return Transmitted(dict.fromkeys(job.ids, outcome), reached)
