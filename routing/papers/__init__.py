"""Papers that the program prints itself, as PDF."""
