"""Mail that an agency still gets elsewhere: fetched over IMAP, delivered here as any other mail.

What may fail, and what then holds:

- Killed at any moment: a message is delivered and remembered in one transaction, or neither; the next
  pass goes on behind the last one.
- Killed between a delivery and what shall happen on the remote: that is noted in the same transaction,
  and done by the next pass.
- The remote gives other UIDs (UIDVALIDITY), a message was moved, two processes collect: the same octets
  are known by their digest and not delivered again.
- The remote is away, refuses the password, breaks the protocol: nothing has changed; it is tried again
  after a growing pause, and the account's status says why.
- The office's rules refuse a message: it stays on the remote, untouched; the status counts it, and
  `vanthu collector status` names it.
- Our store is full or away: nothing has changed; tried again.

`collector.Collector` runs the accounts; `accounts` keeps them; `passes` takes one folder once. Sending
through an account's own submission server is not there yet.
"""
