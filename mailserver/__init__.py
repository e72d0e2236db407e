"""The mail engine: directory, store, MIME, SMTP and IMAP.

It knows neither documents, nor policies, nor web pages; those plug in through
`mailserver.store.behaviours`, `mailserver.policy` and the event log.
"""
