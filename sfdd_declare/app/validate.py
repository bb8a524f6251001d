"""`sfdd validate`: everything that can be checked without a network. Other commands begin with the same."""

from __future__ import annotations

from sfdd_declare.app.options import Options
from sfdd_declare.config.base import judged, read_base
from sfdd_declare.config.read import load
from sfdd_declare.model.declared import Desired


def validate(options: Options) -> Desired:
    """Read and check the configuration. Credentials need not be at hand. Raises ErrorList."""
    return load(
        options.folder, env=options.env, variables=options.variables, environ=options.environ, credentials=False
    )


def configuration(options: Options) -> Desired:
    """The configuration, with its credentials, and with a base's limits where one is named. Raises ErrorList, also for
    what is missing in the environment, and for what is wrong in the base.
    """
    desired = load(options.folder, env=options.env, variables=options.variables, environ=options.environ)
    if options.base is None:
        return desired
    base = read_base(options.base, env=options.env, variables=options.variables, environ=options.environ)
    return judged(base, desired)
