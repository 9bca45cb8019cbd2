"""Opaque, permanent ids: never from a sequence, never reused."""

import secrets


def new_id(prefix: str) -> str:
    """`jrn_…`: 80 random bits in lower-case hex."""
    return f"{prefix}_{secrets.token_hex(10)}"
