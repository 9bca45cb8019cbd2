"""Names and addresses as those see them who may not read personal data."""

import re
from typing import Final

_PHONE: Final = re.compile(r"\+?[0-9]{10,15}")  # E.164 has no longer one
_SHORT, _LONG = 4, 11  # of neither are both ends shown


def masked_name(name: str | None) -> str | None:
    """The first character of a name: 张*, J***."""
    return name and name[0] + "*" * min(3, max(1, len(name) - 1))


def masked_postal_address(address: str) -> str:
    """Province or town, and nothing of the street: 四川省****."""
    return f"{address[:3]}****"


def masked_address(address: str | None) -> str | None:
    """What is needed to recognise an address: +86138****8000, z***@example.com, and the ends of any other: oA****12."""
    if not address:
        return address
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}***@{domain}"
    if len(address) < _LONG:
        return f"****{address[-2:] if len(address) > _SHORT else ''}"
    return f"{address[:-8]}****{address[-4:]}" if _PHONE.fullmatch(address) else f"{address[:2]}****{address[-2:]}"
