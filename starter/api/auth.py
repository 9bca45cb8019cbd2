"""Who calls: a bearer API key with scopes."""

from contextlib import suppress
from typing import Annotated, Final

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journey.domain.errors import NotAllowed
from journey.store import keys
from journey.store.failures import StoreDown
from journey.store.keys import ApiKey
from starter.api.context import Parts
from starter.api.errors import Unauthenticated

_BEARER: Final = HTTPBearer(auto_error=False, scheme_name="apiKey", description="API key: `jo_live_…`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


async def caller(api: Parts, credentials: Credentials) -> ApiKey:
    """The key of this request; Unauthenticated without a good one."""
    if credentials is None:
        raise Unauthenticated(
            "须带 API 密钥:Authorization: Bearer jo_live_…", "An API key is needed: Authorization: Bearer jo_live_…"
        )
    now = await api.clock.now()
    key = await api.store.read(keys.find_key, credentials.credentials, now)
    if key is None:
        raise Unauthenticated("此 API 密钥未知、已吊销或已过期", "This API key is unknown, revoked or expired")
    if key.use_is_stale(now):
        with suppress(StoreDown):  # reading must go on while nothing can be written
            await api.store.write(keys.note_use, key.id, now)
    return key


Caller = Annotated[ApiKey, Depends(caller)]


async def _reader(key: Caller) -> ApiKey:
    return require(key, keys.READ)


async def _writer(key: Caller) -> ApiKey:
    return require(key, keys.WRITE)


def require(key: ApiKey, scope: str) -> ApiKey:
    """The key, when it has the scope; NotAllowed."""
    if not key.allows(scope):
        raise NotAllowed(f"此 API 密钥没有权限 {scope}", f"This API key lacks the scope {scope}")
    return key


Reader = Annotated[ApiKey, Depends(_reader)]
Writer = Annotated[ApiKey, Depends(_writer)]
