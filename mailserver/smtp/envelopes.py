"""MAIL and RCPT (RFC 5321 §4.1.1.2-3): who sends, and who of ours is to get it."""

from __future__ import annotations

import logging

from mailserver.actor import Actor
from mailserver.delivery import circulation
from mailserver.delivery.envelope import NO_WISH
from mailserver.delivery.errors import DeliveryError
from mailserver.delivery.recipients import full_ones, mailboxes_of
from mailserver.directory.mailing_lists import Terms
from mailserver.directory.resolve import Former, Locked, Mailbox, Many, Resolution, Unknown
from mailserver.policy import Case, Stage
from mailserver.smtp import address, notification, replies
from mailserver.smtp.address import BadParameters, BadPath, Path
from mailserver.smtp.authentication import Authentication
from mailserver.smtp.replies import Answer
from mailserver.smtp.settings import Role
from mailserver.srs import scheme, senders

log = logging.getLogger(__name__)

MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH", "RET", "ENVID"})
RCPT_PARAMETERS = frozenset({"NOTIFY", "ORCPT"})
BODIES = frozenset({"7BIT", "8BITMIME"})
MAX_SIZE_DIGITS = 20  # RFC 1870 §3
MAX_LOGGED = 200  # characters of what a peer said


class Envelopes(Authentication):
    """The two commands that say from whom and for whom."""

    async def smtp_MAIL(self, argument: str) -> None:
        """Begin a transaction. `FROM:` may be followed by a space (Outlook)."""
        answer = await self._sender_obstacle() or self._take_sender(argument)
        await self.push(replies.line_of(answer, utf8=self._reads_utf8))

    async def _sender_obstacle(self) -> Answer | None:
        if not self.session.host_name:
            return replies.HELLO_FIRST
        if self.door.role.is_submission and self.actor is None:
            return replies.AUTH_NEEDED if self.may_authenticate else replies.TLS_FIRST
        if self.actor is not None:
            await self._require_standing()
        if self.envelope.mail_from is not None:
            return replies.NESTED_MAIL
        if self._is_stranger and not self.door.may_begin(self.peer):
            return replies.TOO_MANY_MESSAGES
        return None

    def _take_sender(self, argument: str) -> Answer:
        try:
            path = address.parse(argument, "FROM:")
        except BadPath:
            return replies.BAD_SENDER
        except BadParameters:
            return replies.BAD_PARAMETERS
        if path is None:
            return replies.MAIL_SYNTAX
        if refusal := self._bad_mail_parameters(path) or self._no_room_for(path.address, _declared_size(path)):
            return refusal
        try:
            self.envelope.ret, self.envelope.envid = notification.of_mail(path.parameters)
        except ValueError:
            return replies.BAD_PARAMETERS
        self.envelope.mail_from = path.address
        self.envelope.smtp_utf8 = "SMTPUTF8" in path.parameters
        self.envelope.declared_size = _declared_size(path)
        return replies.SENDER_OK

    def _bad_mail_parameters(self, path: Path) -> str | None:
        given = path.parameters
        if not given.keys() <= MAIL_PARAMETERS:
            return replies.UNKNOWN_PARAMETER
        size = given.get("SIZE", "0")
        if size is None or not (size.isascii() and size.isdigit()) or len(size) > MAX_SIZE_DIGITS:
            return replies.BAD_PARAMETERS
        if (given.get("BODY", "7BIT") or "").upper() not in BODIES or given.get("SMTPUTF8") is not None:
            return replies.BAD_PARAMETERS
        if not path.is_ascii and "SMTPUTF8" not in given:
            return replies.NEEDS_SMTPUTF8
        return None

    def _policy_on_size(self, sender: str, size: int) -> Answer | None:
        """The size that the client gives is judged before it has sent a byte (RFC 1870 §6.1).

        size: octets on the wire, 0: not given. The writer's own agency is known here; of recipients' agencies
        the most generous counts. What goes over the door's limit goes over that of a rule, which says it as
        people know it: "10 MB", and whose.
        """
        who = self.sending_actor
        verdict = self.door.delivery.policy(Case(Stage.MAIL, who, who.agency_id, sender, size=size or None))
        if verdict.stops:
            return replies.refused_by_policy(verdict)
        limit = self.door.settings.size_limit
        return replies.too_large(limit) if limit and size > limit else None

    def _no_room_for(self, sender: str, size: int) -> Answer | None:
        """Neither by the rules nor on the disk. A full disk is told of before the bytes are sent, as by Postfix
        (queue_minfree). No more than a look."""
        if refusal := self._policy_on_size(sender, size):
            return refusal
        return None if self.door.delivery.store.room.has(size) else replies.STORE_FULL

    async def smtp_RCPT(self, argument: str) -> None:
        """Name one recipient; unknown and foreign ones are refused here, before any bytes."""
        answer = self._recipient_obstacle() or await self._take_recipient(argument)
        line = replies.line_of(answer, utf8=self._reads_utf8)
        if answer is not replies.RECIPIENT_OK:
            log.info("%s: from=<%s> %s: %s", self.peer, self.envelope.sender, argument[:MAX_LOGGED], line)
        await self.push(line)
        if self._knows_its_way and isinstance(answer, replies.Told):
            self._forgive_error()

    def _recipient_obstacle(self) -> Answer | None:
        if self.envelope.mail_from is None:
            return replies.MAIL_FIRST
        if self.envelope.chunked is not None:
            return replies.BDAT_BEGUN
        if len(self.envelope.rcpt_tos) >= self.door.settings.max_recipients:
            return replies.TOO_MANY_RECIPIENTS
        return None

    async def _take_recipient(self, argument: str) -> Answer:
        try:
            path = address.parse(argument, "TO:")
        except BadPath:
            return replies.BAD_RECIPIENT
        except BadParameters:
            return replies.BAD_PARAMETERS
        if path is None:
            return replies.RCPT_SYNTAX
        if not path.address:
            return replies.BAD_RECIPIENT
        if not path.parameters.keys() <= RCPT_PARAMETERS:
            return replies.UNKNOWN_PARAMETER
        if not path.is_ascii and not self.envelope.smtp_utf8:
            return replies.NEEDS_SMTPUTF8
        try:
            wish = notification.of_recipient(path.parameters)
        except ValueError:
            return replies.BAD_PARAMETERS
        found = await self._resolve(path.address)
        if found == Unknown(local=True) and scheme.is_rewritten(path.address):
            return await self._take_return(path.address)
        if self.envelope.returns:
            return replies.RETURNS_ALONE
        refusal = (
            self._recipient_refusal(path.address, found)
            or await self._list_refusal(path.address, found)
            or await self._policy_on_recipient(path.address, found)
            or await self._quota_of_recipient(path.address, found)
            or self._flood_of_recipient(found)
        )
        if refusal is None:
            self.envelope.rcpt_tos.append(path.address)
            if wish != NO_WISH:
                self.envelope.wished.setdefault(path.address, wish)
            self._begin_spf()
        return refusal or replies.RECIPIENT_OK

    async def _take_return(self, recipient: str) -> Answer:
        """A rewritten sender of ours takes reports of what went on under it, and is no way to anybody else."""
        if self.door.role.is_submission:
            return replies.UNKNOWN_RECIPIENT
        delivery = self.door.delivery
        now = delivery.clock()
        original = await delivery.store.db.aread(lambda conn: senders.original(conn, recipient, now))
        if original is None:
            return replies.UNKNOWN_RECIPIENT
        if self.envelope.sender:
            return replies.RETURNS_ONLY
        if self.envelope.rcpt_tos and recipient not in self.envelope.returns:
            return replies.RETURNS_ALONE
        if not self.door.may_return(original):
            return replies.FLOODED_RECIPIENT
        self.envelope.returns[recipient] = original
        self.envelope.rcpt_tos.append(recipient)
        self._begin_spf()
        return replies.RECIPIENT_OK

    def _begin_spf(self) -> None:
        """Ask DNS about the sender while the message comes; strangers only, and once there is a recipient."""
        judge = self.door.judge
        if judge is not None and not self.trusted and self.envelope.spf is None:
            self.envelope.spf = judge.spf(self.peer, self.envelope.sender, self.session.host_name or "")

    async def _resolve(self, wanted: str) -> Resolution:
        """What the directory says; all RCPT commands already here are asked about in one go."""
        resolved = self.envelope.resolved
        if wanted not in resolved:
            resolved.update(await self.door.resolver.aresolve_many([wanted, *self._addresses_ahead()]))
        return resolved[wanted]

    def _addresses_ahead(self) -> list[str]:
        """The addresses of pipelined RCPT commands that follow at once."""
        found: list[str] = []
        for line in self._input[self._at :].split(b"\n")[: self.door.settings.max_recipients]:
            if line[:5].upper() != b"RCPT ":
                break
            try:
                path = address.parse(line[5:].strip(b" \r").decode(), "TO:")
            except ValueError:  # bad UTF-8, BadPath, BadParameters: its own turn will tell
                continue
            if path is not None and path.address:
                found.append(path.address)
        return found

    def _recipient_refusal(self, recipient: str, found: Resolution) -> Answer | None:
        match found:
            case Unknown(local=True):
                return replies.UNKNOWN_RECIPIENT
            case Unknown():
                return self._outside_refusal(recipient)
            case Former():
                return replies.FORMER_RECIPIENT
            case Locked():
                return replies.LOCKED_RECIPIENT
            case Many(members=(), terms=None):
                return replies.EMPTY_GROUP
            case Many(members=(), terms=Terms(outsiders=())):
                return replies.EMPTY_GROUP
        return None

    async def _list_refusal(self, recipient: str, found: Resolution) -> Answer | None:
        """Whether a list takes letters of this sender; what waits for its owner it takes."""
        if not (isinstance(found, Many) and found.terms is not None):
            return None
        if not self.envelope.sender:
            return replies.NO_REPORTS_TO_LISTS
        resolved = {recipient: found}
        copies, delivery, who = circulation.copies_of(resolved, ()), self.door.delivery, self.sending_actor
        try:
            if self.actor is None:
                circulation.admitted_from_outside(copies)
            else:
                now = delivery.clock()
                await delivery.store.db.aread(lambda conn: circulation.admitted(conn, who, copies, resolved, now))
        except DeliveryError as refused:
            return replies.answer_to(refused)
        return None

    async def _policy_on_recipient(self, recipient: str, found: Resolution) -> Answer | None:
        """A size that the client gave may be too large for this recipient's agency, if not for others."""
        envelope, delivery = self.envelope, self.door.delivery
        boxes = list(mailboxes_of(found))
        if not (envelope.declared_size and boxes):
            return None
        ahead = (box for other in envelope.resolved.values() for box in mailboxes_of(other))
        agencies = {box.agency_id for box in await delivery.inboxes(boxes, ahead)}
        size = envelope.declared_size
        case = Case(Stage.RCPT, self.sending_actor, None, envelope.sender, (recipient,), size=size)
        _case, verdict = delivery.judge(case, agencies)
        return replies.refused_by_policy(verdict) if verdict.stops else None

    async def _quota_of_recipient(self, recipient: str, found: Resolution) -> Answer | None:
        """A full mailbox is refused before the bytes are sent; asked only of those with a quota."""
        if not (isinstance(found, Mailbox) and found.limited):
            return None
        asked, size = {recipient: found}, self.envelope.declared_size
        full = await self.door.delivery.store.db.aread(lambda conn: full_ones(conn, asked, size))
        return replies.FULL_RECIPIENT if full else None

    def _flood_of_recipient(self, found: Resolution) -> Answer | None:
        """Whoever subscribes somebody to ten thousand lists does not fill the mailbox, nor stop the others'."""
        match found:
            case Mailbox(principal_id=addressee) | Many(group_id=addressee) if self._is_stranger:
                return None if self.door.has_room(addressee) else replies.FLOODED_RECIPIENT
        return None

    def _outside_refusal(self, recipient: str) -> Answer | None:
        if not self.door.role.is_submission:
            return replies.RELAY_DENIED
        try:
            self.door.delivery.outside.check([recipient])
        except DeliveryError as refused:
            return replies.answer_to(refused)
        return None

    @property
    def sending_actor(self) -> Actor:
        """Who sends: the person signed in, or nobody, from the peer's address."""
        return self.actor or Actor(None, None, "smtp", self.peer)

    @property
    def _reads_utf8(self) -> bool:
        """Whether sentences may keep their diacritics (RFC 6531 §3.7.4)."""
        return self.actor is not None or bool(self.envelope.smtp_utf8)

    @property
    def _is_stranger(self) -> bool:
        return self.door.role is Role.MX and not self.trusted

    @property
    def _knows_its_way(self) -> bool:
        """Peers whose wrong recipients are mistakes and not an attempt to harvest addresses."""
        return self.actor is not None or self.trusted


def _declared_size(path: Path) -> int:
    """Octets that MAIL announces; 0 for none. Its parameters have been checked."""
    return int(path.parameters.get("SIZE") or 0)
