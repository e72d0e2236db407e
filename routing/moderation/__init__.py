"""Posts in shared folders that do not fit there: reported, hidden, decided on (123/QĐ-SCT, Điều 8; DOMAIN 2.4, N3)."""
