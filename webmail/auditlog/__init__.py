"""Nhật ký: the audit of the agency, for those who may read it."""
