"""The IMAP door: IMAP4rev1 (RFC 3501) with the extensions that `commands.capabilities` lists.

The way of one command:

- `server` accepts a connection and starts a `conversation`, the loop that owns one `session`.
- `connection` reads octets with limits, `frames` makes them one command with its literals.
- `parser` holds the tokens; each family in `commands` has its parsers and handlers, registered by name.
- A handler calls the store once, inside one transaction, and says its untagged lines through the session.
- The loop tells what else is new and writes the tagged line; `errors` turns every fault into one.

What is in a folder is kept once a process: `hub` reads the event log, `folder_state` holds the entries
as columns (`rows`) and a chain of changes, `view` is what one session has been told of them. `fetch`
and `search` work on those columns and ask the store for the rest.
"""
