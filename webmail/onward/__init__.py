"""Redirects of mailboxes to outside."""
