"""Who carries each channel, as it is shown, and whether a provider answers when somebody asks."""

import asyncio
from pathlib import Path

import pytest

from journey import providing
from journey.providing import Carried
from journey.settings import Settings
from starter.cli.doctor_channels import channel_findings
from starter.up.saying import what_leaves
from tests.journey.adapters.making import SECRET
from tests.journey.adapters.misbehaving import answers, provider, unreachable


def configured(home: Path, url: str) -> Settings:
    (home / "providers.toml").write_text(
        f'[channels]\nsms = "carrier"\n[providers.carrier]\nkind = "http"\nurl = "{url}/send"\n'
        'secret = { env = "CARRIER_SECRET" }\n'
    )
    return Settings(home=home)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRIER_SECRET", SECRET.get_secret_value())


def test_every_channel_is_shown_with_its_provider(tmp_path: Path) -> None:
    settings = configured(tmp_path, "https://sms.example")

    assert [(one.channel, one.provider) for one in providing.carried(settings)] == [
        ("sms", "carrier"), ("wechat", "simulated"), ("voice", "simulated"), ("email", "simulated"), ("inbox", "inbox"),
    ]  # fmt: skip
    with_mail = settings.model_copy(update={"smtp_host": "mail.example"})
    assert Carried("email", "smtp", "smtp://mail.example:587") in providing.carried(with_mail)


async def test_a_provider_is_asked_for_an_answer_and_sent_nothing() -> None:
    async with provider(answers(b"", status=404)) as served:
        answered = await providing.reach(Carried("sms", "carrier", f"{served.url}/send"))

    assert answered is None
    assert [(seen.method, seen.path, seen.body) for seen in served.seen] == [("GET", "/", b"")]
    assert await providing.reach(Carried("sms", "carrier", unreachable())) == "unreachable"
    assert await providing.reach(Carried("email", "smtp", "smtp://127.0.0.1:1")) == "unreachable"


async def test_the_doctor_lists_every_channel_and_tries_it_only_when_asked(tmp_path: Path) -> None:
    async with provider(answers(b"")) as served:
        settings = configured(tmp_path, served.url)
        quiet = await asyncio.to_thread(lambda: list(channel_findings(settings, reach=False)))
        assert served.seen == []
        asked = await asyncio.to_thread(lambda: list(channel_findings(settings, reach=True)))

    assert [(found.check, found.state) for found in quiet] == [
        ("sms", "ok"), ("wechat", "note"), ("voice", "note"), ("email", "note"), ("inbox", "ok"),
    ]  # fmt: skip
    assert "simulated 模拟" in quiet[1].en
    assert "模拟" in quiet[1].zh
    assert asked[-1].en == "carrier answers"


def test_the_doctor_says_what_keeps_a_worker_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configured(tmp_path, "https://sms.example")
    monkeypatch.delenv("CARRIER_SECRET")
    missing = list(channel_findings(settings, reach=False))
    with (tmp_path / "providers.toml").open("a") as file:
        file.write('[chat.groups]\nkeeper = [{ env = "NO_CHAT" }]\n')
    both = list(channel_findings(settings, reach=False))
    (tmp_path / "providers.toml").write_text("[channels]\nsms = 1\n")
    broken = list(channel_findings(settings, reach=True))

    assert (missing[0].state, missing[0].en) == (
        "bad", "providers.toml: [providers.carrier] secret: the environment variable CARRIER_SECRET is not set",
    )  # fmt: skip
    assert [found.en.partition("] ")[2].partition(":")[0] for found in both[:2]] == ["secret", "groups.keeper"]
    assert [found.state for found in broken] == ["bad"]


def test_up_says_what_leaves_the_machine(tmp_path: Path) -> None:
    nothing = providing.carried(Settings(home=tmp_path))
    something = providing.carried(configured(tmp_path, "https://sms.example"))

    assert what_leaves(nothing, english=True) == "Channels are simulated: nothing leaves this machine."
    assert what_leaves(something, english=True) == "SMS by carrier; other channels are simulated."
    assert what_leaves(something, english=False) == "短信经 carrier 发出;其余渠道为模拟。"


def test_a_worker_whose_file_is_wrong_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = configured(tmp_path, "https://sms.example")
    providing.check(settings)
    monkeypatch.delenv("CARRIER_SECRET")

    with pytest.raises(providing.ProvidersError, match="CARRIER_SECRET is not set"):
        providing.check(settings)
