"""Redirects: new mail of a mailbox goes on to addresses elsewhere, a copy stays, and everything of it is on record.

`deciding`: who sets, asks for, agrees to and ends one. `guards`: what never leaves, pure. `passing`: the part of a
delivery, which looks before the transaction and queues in it. `telling`: what the owner of the mailbox hears. What an
agency's rules say of a letter that would leave they say as a `passing.Rules`. `mailserver/srs/` rewrites senders.

| state | by | becomes |
|---|---|---|
| – | an administrator sets it | standing |
| – | the person of the mailbox asks for it | asked |
| asked | an administrator agrees, or does not | standing, refused |
| asked | the person takes it back | ended |
| standing | an administrator or the owner ends it; another one is set | ended |
| standing, of a post | the post has another holder, or none any more | ended |

A standing redirect works from its first day to its last, as long as the agency has redirects switched on and the
mailbox is in use; it needs nobody to end by itself. One of a post goes with its holder: a successor's mail does not
go where the predecessor wanted it, from the successor's first moment on.
"""
