"""Kiểm tra hộp thư: orders of leaders, what inspectors read by them, and the minutes."""
