"""Use-cases: what each command does, put together from the rooms below. Only `wiring` knows which adapter implements
which port.
"""
