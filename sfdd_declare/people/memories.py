"""What is remembered of people by keyed hash of their address, whatever becomes of a contact (CON-5, CON-8, WIRE-1).

Which text is hashed keeps the memories apart: an address alone for account-level suppressions; after one separator for
an address that is refused for good, after two for what was last known of an opt-out that no pair speaks of; a book, a
separator and the address for an unsubscribe from that book.
"""

from __future__ import annotations

SEPARATOR = "\x1f"

#: Of an opt-out: a record of ours was ticked, others may still be due; both sides were out; neither was.
TICKED, SETTLED, FREE = "ticked", "settled", "free"

#: The other reasons in `remembered`: an unsubscribe from one book, an address that is refused for good.
LIST, REFUSED = "list", "refused"


def refused_text(address: str) -> str:
    """What is hashed of a folded address that is refused for good."""
    return SEPARATOR + address
