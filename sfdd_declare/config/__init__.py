"""The configuration room: YAML files in, a `Desired` out, and every mistake in them at once with its place.

Offline: `read.load`. Against the live systems: `checks_live.check`. For editors: `schema.config_schema`.
"""
