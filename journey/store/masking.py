"""Names and addresses as those see them who may not read personal data."""


def masked_name(name: str | None) -> str | None:
    """The first character of a name: 张*, J***."""
    return name and name[0] + "*" * min(3, max(1, len(name) - 1))


def masked_postal_address(address: str) -> str:
    """Province or town, and nothing of the street: 四川省****."""
    return f"{address[:3]}****"


def masked_address(address: str | None) -> str | None:
    """A phone number or e-mail address of which enough is left to recognise it: +86138****8000, z***@example.com."""
    if not address:
        return address
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}***@{domain}"
    return f"{address[:-8]}****{address[-4:]}" if len(address) >= 11 else f"****{address[-2:]}"
