"""The rules of mail, for administrators: how far each goes, its settings and their history, and trying it."""
