"""How the Dotdigital side reads bodies and writes answers: JSON, the two error shapes, keys in any case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from starlette.responses import Response

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Refusal(Exception):
    """An error answer; raised anywhere while a request is handled."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def v2_error(status: int, text: str, code: str = "") -> Refusal:
    """The v2 shape: one message that ends in the code."""
    return Refusal(status, {"message": f"{text}. {code}" if code else text})


def v3_error(status: int, code: str, description: str, details: Sequence[Mapping[str, str]] | None = None) -> Refusal:
    """The v3 shape: a code, a description and, when there are any, details per item."""
    body: dict[str, Any] = {"errorCode": code, "description": description}
    if details:
        body["details"] = list(details)
    return Refusal(status, body)


def not_understood(path: str, status: int, text: str) -> Refusal:
    """An error that belongs to no call, in the shape of the framework the path points to."""
    if path.startswith("/v2"):
        return v2_error(status, text)
    service = path.split("/")[1] or "api"
    return v3_error(status, f"{service}:{'badJson' if status == 400 else 'badRequest'}", text)


def encode(value: Any) -> bytes:
    """JSON bytes; decimals become plain numbers."""
    return _ENCODER.encode(value)


def decode(raw: bytes | str) -> Any:
    """A JSON value, numbers with a point as Decimal. Raises ValueError when it is none."""
    try:
        return _DECODER.decode(raw)
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except RecursionError as error:
        raise ValueError("too deep") from error


def answer(value: Any, *, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(value), status_code=status, media_type="application/json; charset=utf-8")


def nothing() -> Response:
    """204 without a body."""
    return Response(status_code=204)


def folded(body: Any) -> dict[str, Any]:
    """An object's values by lower-cased key: v2 takes keys in any case. Raises Refusal for anything else."""
    if not isinstance(body, dict):
        raise v2_error(400, "The request body is malformed", "ERROR_MALFORMED_REQUEST")
    return {str(key).lower(): value for key, value in body.items()}
