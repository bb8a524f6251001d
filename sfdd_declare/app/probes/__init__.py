"""How each assumption about a vendor is settled: one small function each, on throw-away things."""
