"""Telling receivers about a scheduled synchronisation: what is news to whom, what waits for whom, and the ways there.

What is still to be told is a value (`outbox`) that whoever runs the schedule keeps in the state: so nothing is lost
while a receiver is away or this program is not running, and nothing that arrived is told again.
"""
