"""What a file really is, by its octets and not by its name, and what an archive holds."""
