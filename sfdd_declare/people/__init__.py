"""The people engine: tables in, decisions out. The law is the people rules; the engine Ibis expressions on DuckDB.

Nothing here talks to a system. `columns` holds the schemas of every table, `question` what is asked, `decide` answers.
"""
