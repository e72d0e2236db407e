"""Backup and restore of a whole installation.

A backup is a folder: the database as of one moment, every blob that it names, the certificate and
the web's key, and `manifest.json` with the SHA-256 of each. It is taken while the server runs: the
database is copied first, and a blob that it names stays in the store for at least a day.
"""
