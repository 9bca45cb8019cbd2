"""The doors for signed callbacks: who may tell what, in whose form; and each call once.

Their secrets sign, so that the store has to know them: no list, no answer and no log shows one again.
"""

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.reasons import Reason
from journey.store.inserting import insert_new
from journey.store.tables import hook_calls, hooks

PREFIX: Final = "whsec_"
KINDS: Final = ("receipts",)
DIALECTS: Final = ("standard", "aliyun", "twilio", "wechat", "bounce")
_PROVIDERS: Final = {"bounce": "smtp"}  # whose name is not that of the form; a standard source names its own
AT_ONCE: Final = 2  # secrets that count: the newest, and the one before it while the other side changes over
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Hook:
    """One door: what is told there, in which form, whose ids its receipts name; `secrets` are the newest first."""

    source: str
    kind: str
    dialect: str
    provider: str
    url: str | None
    created_at: datetime
    rotated_at: datetime | None
    secrets: tuple[str, ...] = field(repr=False)


def add_hook(
    session: Session,
    source: str,
    now: datetime,
    *,
    kind: str,
    dialect: str,
    provider: str | None = None,
    url: str | None = None,
    secret: str | None = None,
) -> tuple[Hook, str]:
    """A new door and its secret, which is made unless it is given; Conflict when the source has one already."""
    errors = [
        field_error(name, "unknown-value", allowed=", ".join(allowed))
        for name, value, allowed in (("kind", kind, KINDS), ("form", dialect, DIALECTS))
        if value not in allowed
    ]
    if not _NAME.fullmatch(source):
        errors.append(field_error("source", "not-a-code", limit=60))
    if dialect == "twilio" and not (url and secret):  # it signs with its own token, and the address it calls
        errors.append(field_error("secret" if url else "url", "required"))
    if errors:
        raise InvalidInput(tuple(errors))
    if secret is not None:
        _readable(secret, dialect)
    plain = secret or new_secret(dialect)
    row = {
        "source": source,
        "kind": kind,
        "dialect": dialect,
        "provider": provider or (source if dialect == "standard" else _PROVIDERS.get(dialect, dialect)),
        "url": url,
        "secrets": [plain],
        "created_at": now,
    }
    if not insert_new(session, hooks, row):
        raise Conflict(Reason("hook-there", {"source": source}), existing=source)
    return find_hook(session, source), plain


def rotate_secret(
    session: Session, source: str, now: datetime, *, secret: str | None = None, at_once: bool = False
) -> tuple[Hook, str]:
    """A new secret beside the one before, or in its place `at_once`; with its plain text. NotFound."""
    known = find_hook(session, source)
    if secret is not None:
        _readable(secret, known.dialect)
    plain = secret or new_secret(known.dialect)
    kept = [] if at_once else [one for one in known.secrets if one != plain][: AT_ONCE - 1]
    session.execute(update(hooks).where(hooks.c.source == source).values(secrets=[plain, *kept], rotated_at=now))
    return find_hook(session, source), plain


def remove_hook(session: Session, source: str) -> Hook:
    """Close a door for good; what came through it stays. NotFound."""
    known = find_hook(session, source)
    session.execute(delete(hooks).where(hooks.c.source == source))
    return known


def find_hook(session: Session, source: str) -> Hook:
    """The door of a source; NotFound."""
    row = session.execute(select(hooks).where(hooks.c.source == source)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-hook"))
    return _hook(row)


def list_hooks(session: Session) -> list[Hook]:
    """Every door, by name."""
    return [_hook(row) for row in session.execute(select(hooks).order_by(hooks.c.source))]


def first_call(session: Session, source: str, call: str, digest: str, now: datetime) -> bool:
    """Whether a call comes for the first time; from here on it has come. Conflict: under its id came another body."""
    if insert_new(session, hook_calls, {"source": source, "call": call, "digest": digest, "received_at": now}):
        return True
    same = (hook_calls.c.source == source, hook_calls.c.call == call)
    if session.execute(select(hook_calls.c.digest).where(*same)).scalar_one() != digest:
        raise Conflict(Reason("call-told-otherwise", {"call": call}), existing=call)
    return False


def new_secret(dialect: str = "standard") -> str:
    """`whsec_` and 256 random bits, as Standard Webhooks has them; WeChat takes 32 letters and digits at most."""
    if dialect != "standard":
        return secrets.token_hex(16)
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _readable(secret: str, dialect: str) -> None:
    """InvalidInput for a secret that signs nothing, or is too short to."""
    if dialect != "standard":
        ok = len(secret) >= 16
    else:
        try:
            ok = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) >= 24
        except ValueError:
            ok = False
    if not ok:
        raise InvalidInput((field_error("secret", "invalid"),))


def _hook(row: Row[Any]) -> Hook:
    return Hook(
        row.source, row.kind, row.dialect, row.provider, row.url, row.created_at, row.rotated_at, tuple(row.secrets)
    )
