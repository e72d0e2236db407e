"""Senders of mail that leaves again (Sender Rewriting Scheme, M. S. Wong 2003): rewritten, and found again.

`scheme`: the addresses, pure. `keys`: what their hashes are made with. `senders`: both with the database.
"""
