"""Outgoing mail, for administrators: what waits, what became of it."""
