"""Reading multipart bodies: metadata deployments, and jobs that bring their rows along."""

from __future__ import annotations

import io

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field as FormField
from python_multipart.multipart import File as FormFile

from sfdd_declare.sandbox.salesforce.calls import Call
from sfdd_declare.sandbox.salesforce.errors import Refusal


def parts_of(call: Call) -> dict[str, bytes]:
    """The parts of the body by name. Raises INVALID_INPUT for a body of another form."""
    parts: dict[str, bytes] = {}

    def on_field(field: FormField) -> None:
        parts[(field.field_name or b"").decode("utf-8", "replace")] = field.value or b""

    def on_file(file: FormFile) -> None:
        file.file_object.seek(0)
        parts[(file.field_name or b"").decode("utf-8", "replace")] = file.file_object.read()

    headers = {"Content-Type": call.headers.get("content-type", "").encode()}
    headers["Content-Length"] = str(len(call.body)).encode()
    try:
        python_multipart.parse_form(headers, io.BytesIO(call.body), on_field, on_file)
    except (FormParserError, ValueError):
        raise Refusal("INVALID_INPUT", "The body is required to be multipart/form-data") from None
    return parts
