"""PDFs with smaller pictures: what is asked of a process of its own (`asking`), and what that does (the rest)."""
