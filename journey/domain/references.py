"""Reference numbers of letters: opaque, easy to copy by hand, with a last character that catches a slip.

They stand on the letter and in its QR code, and say nothing about anybody.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread
LENGTH: Final = 10  # nine that are drawn, and the one that checks them
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})


def with_check(drawn: str) -> str:
    """The reference of nine drawn characters."""
    return drawn + ALPHABET[_checksum(drawn)]


def shown_reference(reference: str) -> str:
    """In two groups, as people copy it: 7K3Q9-M2X4T."""
    return f"{reference[:5]}-{reference[5:]}"


def read_reference(text: str) -> str | None:
    """The reference that somebody wrote, in any case and with or without the dash; None when it cannot be one."""
    plain = text.strip().upper().translate(_MISREAD)
    known = len(plain) == LENGTH and all(character in ALPHABET for character in plain)
    return plain if known and ALPHABET[_checksum(plain[:-1])] == plain[-1] else None


def _checksum(drawn: str) -> int:
    """Odd weights: one wrong character always shows, two neighbours that changed places nearly always."""
    return sum(ALPHABET.index(character) * (2 * place + 1) for place, character in enumerate(drawn)) % len(ALPHABET)
