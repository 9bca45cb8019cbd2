"""Scenarios live on the store that `--store` names."""

import pytest

from tests.scenarios import living


@pytest.fixture(autouse=True)
def _store_of_the_run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite each life makes its own file; on PostgreSQL each test has its own database."""
    if request.config.getoption("--store") == "postgres":
        monkeypatch.setattr(living, "store_url", request.getfixturevalue("postgres_url"))
