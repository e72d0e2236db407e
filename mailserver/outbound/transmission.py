"""One job from its route to the outcomes: host after host until one takes part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from mailserver.outbound.connecting import NotReached, Terms, connect, part
from mailserver.outbound.conversation import Outcomes, converse
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


async def transmit(job: Job, letter: Callable[[], Awaitable[Outgoing]], route: Route, terms: Terms) -> Transmitted:
    """letter: reads the message; called when a host has been reached. Raises what it raises."""
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
                client = await connect(host.name, address, due)
            except NotReached as fault:
                last = _not_reached(fault, host.name)
                continue
            try:
                outcomes = await converse(client, host.name, job, await letter(), terms.patience)
                await part(client)
            finally:
                client.close()
            return Transmitted(outcomes, reached=True)
    return _all(job, last, reached=False)


def _not_reached(fault: NotReached, host: str) -> Outcome:
    if fault.code:
        return of_reply(Stage.HELLO, fault.code, fault.words, host)
    return ours(End.AGAIN, fault.status, fault.words, host)


def _all(job: Job, outcome: Outcome, reached: bool) -> Transmitted:
    return Transmitted(dict.fromkeys(job.ids, outcome), reached)
