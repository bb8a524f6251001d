"""People, secrets and a stage by which a leak is recognised: every value that must not show holds a canary."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sfdd_declare.sandbox.dotdigital import contacts as dotdigital_contacts
from sfdd_declare.sandbox.salesforce import rows
from sfdd_declare.store.opening import open_state
from tests.e2e.stage import CONFIG, Stage

ACCOUNT = 88
USER = "apiuser-canary@apiconnector.com"
PASSWORD = "Pq-canary-password-1"
SFDD_KEY = "Kq-canary-passphrase-2"
CANARY = re.compile(r"zq(?:first|last|title|about|mail|note)", re.IGNORECASE)

_CONFIG = (
    CONFIG.replace(
        "  auth: {method: access_token}\n",
        "  auth: {method: jwt, client_id: sandbox-client, username: integration@acme.example, "
        'private_key: "${file:sf.key}"}\n  login_url: "${env:SF_ORG_INSTANCE_URL}"\n',
    )
    .replace("    JOB_TITLE: {type: string}\n", "    JOB_TITLE: {type: string}\n    ABOUT: {type: string}\n")
    .replace("    Title: JOB_TITLE\n  leads", "    Title: JOB_TITLE\n    Description: ABOUT\n  leads")
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The private key of the login, in lines as it would show."""

    key_lines: tuple[str, ...]


def prepare(stage: Stage) -> Secrets:
    """Log in with a private key and a password of our own, and put canaries on both sides."""
    pem = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (stage.folder / "sf.key").write_text(pem)
    stage.write(_CONFIG)
    accounts = [{"user": USER, "password": PASSWORD, "account_id": ACCOUNT, "region": "r1"}]
    stage.world.set_setting("dotdigital.accounts", accounts)
    stage.overrides = {"DD_USER": USER, "DD_PASSWORD": PASSWORD, "SFDD_KEY": SFDD_KEY}
    people(stage, 20)
    known = [{"email": mail(number), "dataFields": {"LASTNAME": f"Zqnote{number}"}} for number in (0, 1)]
    dotdigital_contacts.insert_many(stage.world, known, account=ACCOUNT)
    return Secrets(tuple(line for line in pem.splitlines() if not line.startswith("-")))


def people(stage: Stage, count: int, *, start: int = 0, **more: object) -> list[str]:
    """Buyers with a canary in every value. Returns their ids."""
    buyers = [
        {
            "FirstName": f"Zqfirst{number}",
            "LastName": f"Zqlast{number}",
            "Email": mail(number),
            "Title": f"Zqtitle{number}",
            "Department": "Buyers",
            **more,
        }
        for number in range(start, start + count)
    ]
    return rows.insert_many(stage.world, "Contact", buyers)


def mail(number: int) -> str:
    return f"Zqmail{number}@example.com"


def leaks(stage: Stage, secrets: Secrets, text: str) -> list[str]:
    """Canaries and secrets in a text."""
    hidden = [*_tokens(stage), PASSWORD, SFDD_KEY, *secrets.key_lines, *_basic()]
    return [found.group() for found in CANARY.finditer(text)] + [one for one in hidden if one in text]


def leaks_in_files(stage: Stage, secrets: Secrets) -> list[str]:
    """The same in every file below `.sfdd`, by the file's name; also the hash key, which SFDD_KEY seals."""
    found = []
    for path in sorted((stage.folder / ".sfdd").rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("latin-1")
            found += [f"{path.name}: {leak}" for leak in leaks(stage, secrets, text)]
            found += [f"{path.name}: hash key" for key in _hash_key(path.parent) if key in text]
    return found


def _basic() -> tuple[str, ...]:
    return (base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),)


def _tokens(stage: Stage) -> list[str]:
    with stage.world.lock:
        return [str(row[0]) for row in stage.world.db.execute("SELECT token FROM sfx_session")]


def _hash_key(folder: Path) -> list[str]:
    if not (folder / "state.db").exists():
        return []
    with open_state(folder / "state.db", create=False, environ={"SFDD_KEY": SFDD_KEY}) as state:
        return [state.header().hash_key.get_secret_value()]
