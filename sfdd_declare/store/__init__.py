"""The state: what was applied, what each side held then, and what is being written just now (design: state).

One schema through SQLAlchemy Core; a SQLite file by default, PostgreSQL with the same statements. No other library may
open the SQLite file in this process: a second SQLite drops the first one's locks.
"""
