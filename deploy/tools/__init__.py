"""Helpers for those who work on Vanthu itself; nothing here runs in an installation."""
