"""Dotdigital: the client of one account, what is read from it and what is written to it.

`client.connect` gives a Client; `setup.Setup`, `contacts.People`, `writers.writers` and `writers.Jobs` adapt it to the
protocols of `model.ports`. Two API frameworks are in use: v2 for lists, data fields and suppressions, v3 for contacts
and imports. There is no call here that subscribes anybody (CON-1).
"""
