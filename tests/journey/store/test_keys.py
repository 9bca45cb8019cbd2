"""API keys."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from journey.domain.errors import InvalidInput, NotFound
from journey.store import keys
from journey.store.engine import Store
from journey.store.tables import api_keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_key_is_found_by_its_plain_text_which_is_kept_nowhere(store: Store) -> None:
    key_id, plain = await store.write(keys.create_key, "crm", False, ["read"], NOW)

    found = await store.read(keys.find_key, plain, NOW)
    row = (await store.read(lambda session: session.execute(select(api_keys)).one()))._asdict()

    assert found is not None
    assert found.id == key_id
    assert plain.startswith("jo_live_")
    assert len(plain) >= len("jo_live_") + 43  # 256 bits in base64
    assert plain not in str(row)


async def test_a_key_that_is_unknown_revoked_or_over_opens_nothing(store: Store) -> None:
    _, over = await store.write(keys.create_key, "old", False, ["read"], NOW, NOW + timedelta(days=1))
    revoked_id, revoked = await store.write(keys.create_key, "lost", False, ["read"], NOW)
    await store.write(keys.revoke_key, revoked_id, NOW)

    assert await store.read(keys.find_key, "jo_live_nobody", NOW) is None
    assert await store.read(keys.find_key, revoked, NOW) is None
    assert await store.read(keys.find_key, over, NOW) is not None
    assert await store.read(keys.find_key, over, NOW + timedelta(days=1)) is None


async def test_the_use_of_a_key_is_noted_once_a_minute(store: Store) -> None:
    key_id, plain = await store.write(keys.create_key, "crm", False, ["read"], NOW)

    noted = []
    for seconds in (0, 59, 60):
        await store.write(keys.note_use, key_id, NOW + timedelta(seconds=seconds))
        found = await store.read(keys.find_key, plain, NOW)
        assert found is not None
        noted.append(found.last_used_at)

    assert noted == [NOW, NOW, NOW + timedelta(seconds=60)]


async def test_revoking_twice_keeps_the_first_instant_and_an_unknown_key_is_not_found(store: Store) -> None:
    key_id, _ = await store.write(keys.create_key, "crm", False, [], NOW)

    await store.write(keys.revoke_key, key_id, NOW)
    again = await store.write(keys.revoke_key, key_id, NOW + timedelta(days=1))

    assert again.revoked_at == NOW
    assert [key.id for key in await store.read(keys.list_keys)] == [key_id]
    with pytest.raises(NotFound):
        await store.write(keys.revoke_key, "key_none", NOW)


async def test_write_includes_read_an_admin_may_do_everything_and_unknown_scopes_are_refused(store: Store) -> None:
    _, writer = await store.write(keys.create_key, "w", False, ["write"], NOW)
    _, admin = await store.write(keys.create_key, "a", True, [], NOW)

    found = [await store.read(keys.find_key, plain, NOW) for plain in (writer, admin)]
    allowed = [[scope for scope in keys.SCOPES if key and key.allows(scope)] for key in found]

    assert allowed == [["read", "write"], ["read", "write", "pii:read"]]
    with pytest.raises(InvalidInput):
        await store.write(keys.create_key, "x", False, ["everything"], NOW)
