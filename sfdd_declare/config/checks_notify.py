"""Where notifications go: never in the clear, but on this machine; on a runner, where the environment says so."""

from __future__ import annotations

from collections.abc import Iterator

from sfdd_declare.config.checks_base import Context, error
from sfdd_declare.config.resolve_notify import mail_server
from sfdd_declare.config.suggest import quoted
from sfdd_declare.model.errors import ConfigError
from sfdd_declare.wire.hosts import is_this_machine, may_be_asked_here, origin_of


def check(context: Context) -> Iterator[ConfigError]:
    """The receivers' addresses, which are credentials: none is repeated."""
    for key, shape in context.checked.root.notifications.items():
        of = f"notifications.{key}: "
        if shape.webhook is not None:
            url = shape.webhook.get_secret_value()
            where = context.places.value("notifications", key, "webhook")
            if is_this_machine(origin_of(url)):
                yield from _on_a_runner(context, key, "webhook", url)
            elif not url.lower().startswith("https://"):
                summary = f"{of}this webhook would be told in the clear, which is for this machine only."
                yield error("SFDD-E1246", summary, where, hint="webhook: https://…")
        if shape.smtp is not None and is_this_machine("http://" + _bracketed(mail_server(shape.smtp).host)):
            yield from _on_a_runner(context, key, "smtp", shape.smtp.get_secret_value())


def _on_a_runner(context: Context, key: str, name: str, url: str) -> Iterator[ConfigError]:
    if not may_be_asked_here(url, context.environ):
        summary = (
            f"notifications.{key}: on a runner {quoted(name)} leads to this machine, where another job may listen."
        )
        where = context.places.value("notifications", key, name)
        detail = "an address that a variable of the environment holds is taken"
        yield error("SFDD-E1247", summary, where, hint=f'{name}: "${{env:NAME}}"', detail=detail)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
