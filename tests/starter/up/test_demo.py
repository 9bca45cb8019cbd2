"""`journey up --demo` beside providers: the people of the sample are invented, and nobody real hears of them."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from journey.settings import Settings
from starter.up.demo import refuse_beside_providers

ROOT = Path(__file__).parents[3]
CARRIER = """
[channels]
sms = "carrier"
[providers.carrier]
kind = "http"
url = "https://sms.invalid/send"
secret = { env = "CARRIER_SECRET" }
"""


def refusal(home: Path, **environment: str) -> str:
    """What `journey up --demo` says on a home where it does not start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "JOURNEY_"))}
    free = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]
    ended = subprocess.run(
        [sys.executable, "-m", "starter.cli", "up", "--demo", "--json", "--home", str(home), *free],
        cwd=ROOT, env=kept | environment, capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip
    error = json.loads(ended.stdout)["error"]
    assert (ended.returncode != 0, error["code"]) == (True, "cannot-start")
    assert not (home / "temporal.db").exists()
    return str(error["text"])


def test_the_sample_is_not_loaded_where_a_provider_carries_a_channel(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text(CARRIER, encoding="utf-8")

    said = refusal(tmp_path, CARRIER_SECRET=base64.b64encode(bytes(24)).decode())

    assert "短信 (carrier)" in said
    assert "real providers carry SMS (carrier): leave --demo out" in said


def test_nor_where_a_mail_server_does(tmp_path: Path) -> None:
    assert "邮件 (smtp)" in refusal(tmp_path, JOURNEY_SMTP_HOST="127.0.0.1")


def test_it_is_where_all_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JOURNEY_")]:
        monkeypatch.delenv(name)

    refuse_beside_providers(Settings(home=tmp_path))
