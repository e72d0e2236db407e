"""Reading and composing Internet messages: pure functions over octets, with limits, in linear time.

Nothing here does I/O, raises on what a stranger wrote, or gives octets back changed. The standard
library's `email` parser is not used: hostile mail makes it slow, recursive or raise.
"""
