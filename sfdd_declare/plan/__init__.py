"""Planning: desired, live and state in; one frozen Plan out. Pure: nothing here reads or writes a system.

`three_way` compares one thing, `identify` says which live thing a declared one is, `setup` and `registry` make the
set-up
operations, `scope` says which people to read and what to ask the people engine, `build` puts the plan together.
"""
