"""`sfdd registry package`: the registry objects as a package for an admin to deploy."""

from __future__ import annotations

from pathlib import Path

from sfdd_declare.model.errors import UsageError
from sfdd_declare.salesforce.package import package_zip


def package(path: Path) -> None:
    """Write the metadata package (a zip with package.xml). Raises UsageError when the file cannot be written."""
    try:
        path.write_bytes(package_zip())
    except OSError as error:
        raise UsageError(
            "SFDD-E9006", f"cannot write {path}: {error.strerror}", hint="sfdd registry package --zip FILE"
        ) from error
