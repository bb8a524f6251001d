"""Values and nothing else: what is declared, what is live, what a plan and an outcome are, and the ports of the
outside world.

Nothing in here reads, writes, prints or knows a vendor's client. Every other room imports from here; this room
imports none.
"""
