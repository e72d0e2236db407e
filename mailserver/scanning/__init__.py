"""Asking other programs about a message: ClamAV for viruses, rspamd for spam, over their own protocols.

| what happens | what follows |
|---|---|
| the program answers | its answer, as a value (`found`) |
| it cannot be reached, breaks off, or talks nonsense | `NoAnswer`; after some in a row nobody waits for it (`guard`) |
| it takes too long | the same; no question takes longer than its time limit, sending included |
| all its connections are in use | after a while `NoAnswer` for this message alone |
| the message is larger than the installation lets it see | `NoAnswer` for this message alone, without asking |

What an answer, or none, means for a message is a rule's business, never this room's. Everything here blocks: never
call it on an event loop.
"""
