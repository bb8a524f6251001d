"""Telling by mail, in plain text, over SMTP. Encrypted wherever the server offers it, and always before credentials."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sfdd_declare.model.errors import RemoteError
from sfdd_declare.model.receiver import Mail, MailServer
from sfdd_declare.notify import errors, text
from sfdd_declare.notify.outbox import Delivery

_POLICY = SMTP.clone(cte_type="7bit")  # what every server takes


def send_mail(key: str, way: Mail, delivery: Delivery, *, configuration: str, timeout: float) -> None:
    """Raises Transient (SFDD-E8001), Terminal (SFDD-E8003) or Denied (SFDD-E8004)."""
    written = message(way, delivery, configuration)
    try:
        server = _opened(way.server, timeout)
        try:
            _secured(server, key, way.server)
            refused = server.send_message(written, way.sender, way.to)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it has been taken, or has failed
                server.quit()
            server.close()
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise _meaning(key, error) from None  # its text may have addresses
    if refused:
        raise errors.refused(key, f"{len(refused)} of {len(way.to)} addresses were not taken, the others were")


def message(way: Mail, delivery: Delivery, configuration: str) -> EmailMessage:
    """The mail. The same delivery has the same Message-ID, by which mailboxes know what they have."""
    found = EmailMessage(policy=_POLICY)
    found["From"] = way.sender
    found["To"] = ", ".join(way.to)
    found["Subject"] = text.summary(configuration, delivery.notices)
    found["Date"] = format_datetime(delivery.at)
    found["Message-ID"] = f"<{delivery.id}@{way.sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"  # nobody's absence is to answer
    found.set_content(_body(delivery))
    return found


def _body(delivery: Delivery) -> str:
    said = [text.paragraph(notice) for notice in delivery.notices]
    paragraphs = [
        "\n".join(filter(None, (one.head, one.text and f"  {one.text}", one.hint and f"  -> {one.hint}")))
        for one in said
    ]
    return "\n\n".join(filter(None, (*paragraphs, text.lost_line(delivery.lost)))) + "\n"


def _opened(server: MailServer, timeout: float) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=timeout)


def _secured(connection: smtplib.SMTP, key: str, server: MailServer) -> None:
    connection.ehlo_or_helo_if_needed()
    if not server.tls:
        if connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
        elif server.user:
            raise errors.denied(key, "its mail server offers no encryption, and credentials need it")
    if server.user:
        assert server.password is not None, "where there is a user there is a password"
        connection.login(server.user, server.password.get_secret_value())


def _meaning(key: str, error: Exception) -> RemoteError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        code = min(codes, default=0)
        why = f"no address was taken ({code})"
        return errors.unreachable(key, why, status=code) if code < 500 else errors.refused(key, why, status=code)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return errors.denied(key, f"its mail server takes no such credentials ({error.smtp_code})")
        return errors.refused(key, f"its mail server answered {error.smtp_code}", status=error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        return errors.unreachable(key, f"its mail server answered {error.smtp_code}", status=error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return errors.refused(key, "its mail server cannot do what is needed")
    if isinstance(error, ssl.SSLError):
        return errors.unreachable(key, "there is no secure connection to its mail server")
    return errors.unreachable(key, "its mail server did not answer")
