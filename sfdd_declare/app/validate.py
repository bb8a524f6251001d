"""`sfdd validate`: everything that can be checked without a network. Other commands begin with the same."""

from __future__ import annotations

from sfdd_declare.app.options import Options
from sfdd_declare.config.read import load
from sfdd_declare.model.declared import Desired


def validate(options: Options) -> Desired:
    """Read and check the configuration. Credentials need not be at hand. Raises ErrorList."""
    return load(
        options.folder, env=options.env, variables=options.variables, environ=options.environ, credentials=False
    )


def configuration(options: Options) -> Desired:
    """The configuration, with its credentials. Raises ErrorList, also for what is missing in the environment."""
    return load(options.folder, env=options.env, variables=options.variables, environ=options.environ)
