"""Mail that a rule keeps back: for administrators, the registry, and the people it concerns."""
