"""What must not be in the system, found in the words of a letter and its files (DOMAIN R-020, R-023 … R-025). Pure."""
