"""NOTIFY (RFC 5465): news of folders that are not open, told without being asked for.

request: what a client wants. watch: what has happened since it was told. telling: saying it.
"""
