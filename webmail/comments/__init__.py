"""Lấy ý kiến: asking some people for comments, answering, and the table of what was said."""
