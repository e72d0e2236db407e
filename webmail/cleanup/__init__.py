"""Mail that goes: what is about to, what can be taken back, and what is kept under an order."""
