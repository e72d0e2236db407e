"""The demo agency: invented people of an invented province, made through the same services as real ones."""
