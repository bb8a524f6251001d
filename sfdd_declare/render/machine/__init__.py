"""Documents for programs: what `--json` prints and `--events` streams.

Every name in a shape is public: it was chosen to be read by other people's programs, so nothing is dumped from the
values of the house. What only a writer needs, people in clear and credentials are in no shape.
"""
