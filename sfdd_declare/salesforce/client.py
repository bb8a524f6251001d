"""One Salesforce org: session, calls, what is left of them, and several requests in one.

A session that expired is renewed once and the call replayed; a given token cannot be renewed. Every write carries
`Sforce-Auto-Assign: FALSE`, else an update of leads re-runs the assignment rules and changes owners.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Self, TypeVar

import msgspec

from sfdd_declare.model.declared import Salesforce
from sfdd_declare.model.errors import Denied, RemoteError, Terminal
from sfdd_declare.salesforce import errors
from sfdd_declare.salesforce.login import Environ, Login, Session, expired_given_token
from sfdd_declare.wire.http import Classify, Http, Part, Reply, encoded
from sfdd_declare.wire.pacing import Budget

#: Salesforce ends a call after ten minutes: whoever gives up earlier loses the answer to a write that still runs.
READ_SECONDS = 620.0
_CLIENT_NAME = "sfdd"
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_CSV = {"content-type": "text/csv; charset=UTF-8"}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_BUDGET = Budget()

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class SubRequest:
    """One part of a composite call; `path` is relative to the API version. `label` is its reference id."""

    label: str
    path: str
    method: str = "GET"


class SubReply(msgspec.Struct, rename={"label": "referenceId", "status": "httpStatusCode"}):
    """The answer to one part: undecoded body."""

    label: str
    status: int
    body: msgspec.Raw = msgspec.Raw(b"null")

    def error(self, template: str) -> RemoteError | None:
        """The error this part stands for, or None."""
        if self.status < 300:
            return None
        return errors.error_of(self.status, msgspec.json.decode(self.body), template)


class _Composite(msgspec.Struct):
    compositeResponse: list[SubReply]


class Client:
    """Sends calls to one org; logs in at the first. Thread-safe."""

    def __init__(
        self,
        settings: Salesforce,
        environ: Environ,
        *,
        pause: Callable[[float], None] = time.sleep,
        budget: Budget = _BUDGET,
    ) -> None:
        """Raises Denied when there are no credentials; nothing is sent before the first call."""
        self.pause = pause
        self.calls_left: int | None = None
        self.api_version = settings.api_version
        self._budget = budget
        self._login = Login(settings, environ, pause=pause)
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._http: Http | None = None
        self._date = ""

    @property
    def session(self) -> Session:
        """The open session; opened now if there is none."""
        with self._lock:
            if self._session is None:
                self._session = self._login.open()
            return self._session

    @property
    def calls(self) -> int:
        """Requests sent so far, logins and retries included."""
        return self._login.calls + (self._http.calls if self._http else 0)

    @property
    def last_date(self) -> str:
        """The clock of Salesforce at the last reply, ISO in UTC; empty before the first."""
        return self._date

    def server_time(self) -> str:
        """The clock of Salesforce no later than now, ISO in UTC. One call if nothing was sent yet."""
        if not self._date:
            self.send("GET", "", template="(resources)", idempotent=True)
        return self._date

    def root(self, path: str) -> str:
        """The full path of a resource of the API version in use."""
        return f"/services/data/v{self.api_version}/{path}"

    def send(
        self,
        method: str,
        path: str,
        *,
        template: str,
        idempotent: bool,
        params: Mapping[str, str | int | float | bool] | None = None,
        json: bytes | None = None,
        csv: bytes | None = None,
        files: Mapping[str, Part] | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        classify: Classify = errors.classify,
    ) -> Reply:
        """One call to a path such as `sobjects/Campaign`, or to a full path beginning with a slash. `json` and `csv`
        are encoded bodies; `headers` win over those that every call has.

        Raises RemoteError by meaning; an expired session is renewed and the call replayed, once.
        """
        full = path if path.startswith("/") else self.root(path)
        session = self.session

        def attempt(using: Session) -> Reply:
            return self._wire(using).send(
                method,
                full,
                template=template,
                params=params,
                json=json,
                content=csv,
                files=files,
                headers=_headers(using, is_write=method != "GET") | (_CSV if csv is not None else {}) | dict(headers),
                idempotent=idempotent,
                classify=classify,
            )

        try:
            reply = attempt(session)
        except Denied as error:
            if not errors.is_expired(error):
                raise
            reply = attempt(self._renewed(session, error))
        self._note(reply)
        return reply

    def composite(self, parts: Sequence[SubRequest], *, template: str = "composite") -> dict[str, SubReply]:
        """Up to 25 reads in one call, by label. The parts fail one by one: look at each."""
        reply = self._compose(parts, template, errors.classify)
        answers = _answers(reply)
        if missing := [part.label for part in parts if part.label not in answers]:
            raise unexpected(reply, f"no answer to {missing[0]}")
        return answers

    def composite_one(self, part: SubRequest, *, template: str) -> tuple[Reply, msgspec.Raw]:
        """One read whose address is too long for a GET. Raises the error of the part as if it had been the call's."""

        def classify(reply: Reply) -> RemoteError | None:
            error = errors.classify(reply)
            answer = None if error else _answers(reply).get(part.label)
            return answer.error(template) if answer else error

        reply = self._compose((part,), template, classify)
        answer = _answers(reply).get(part.label)
        if answer is None:
            raise unexpected(reply)
        return reply, answer.body

    def _compose(self, parts: Sequence[SubRequest], template: str, classify: Classify) -> Reply:
        body = {
            "allOrNone": False,
            "collateSubrequests": True,
            "compositeRequest": [
                {"method": part.method, "url": self.root(part.path), "referenceId": part.label} for part in parts
            ],
        }
        return self.send("POST", "composite", template=template, json=encoded(body), idempotent=True, classify=classify)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wire(self, session: Session) -> Http:
        with self._lock:
            if self._http is None:
                self._http = Http(
                    base_url=session.instance_url,
                    name="Salesforce",
                    timeout=READ_SECONDS,
                    headers={"sforce-call-options": f"client={_CLIENT_NAME}"},
                    pause=self.pause,
                    classify=errors.classify,
                    hint="salesforce.login_url" if self._login.may_renew else "salesforce.auth.instance_url",
                    budget=self._budget,
                )
            return self._http

    def _renewed(self, expired: Session, error: Denied) -> Session:
        if not self._login.may_renew:
            raise expired_given_token(error.status) from error
        with self._lock:
            if self._session is expired:  # else another thread was faster
                self._session = self._login.open()
            return self.session

    def _note(self, reply: Reply) -> None:
        if usage := _USAGE.search(reply.headers.get("sforce-limit-info", "")):
            self.calls_left = max(0, int(usage.group(2)) - int(usage.group(1)))
        self._date = stamp_of(reply) or self._date


def _answers(reply: Reply) -> dict[str, SubReply]:
    return {part.label: part for part in decoded(reply, _Composite).compositeResponse}


def decoded(reply: Reply, kind: type[Answer]) -> Answer:
    """The body as the given type. Raises what `Reply.json` raises when it is not even JSON, else Terminal."""
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.DecodeError:
        reply.json()
        raise unexpected(reply) from None


def unexpected(reply: Reply, detail: str = "") -> RemoteError:
    """A reply that is well-formed and makes no sense."""
    return strange(reply.template, reply.status, detail)


def strange(template: str, status: int, detail: str = "") -> RemoteError:
    """An answer to `template` that is well-formed and makes no sense."""
    return Terminal(
        "SFDD-E2129",
        f"Salesforce answered {template} in a form this program does not know.",
        detail=detail,
        status=status,
        hint="salesforce.api_version",
    )


def stamp_of(reply: Reply) -> str:
    """The HTTP `Date` of a reply, ISO in UTC; empty when there is none."""
    try:
        moment = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _headers(session: Session, *, is_write: bool) -> dict[str, str]:
    headers = {"authorization": f"Bearer {session.token.get_secret_value()}"}
    return {**headers, "sforce-auto-assign": "FALSE"} if is_write else headers
