"""How much people send: counted for the rules `sending-rate` and `unusual-sending`."""
