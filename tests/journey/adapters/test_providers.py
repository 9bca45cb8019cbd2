"""`providers.toml`: the sample works, every mistake is named by table and field, no secret is ever repeated."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from journey.adapters.aliyun import AliyunSms
from journey.adapters.http_provider import HttpProvider
from journey.adapters.providers_file import ProvidersError, load_providers
from journey.adapters.twilio import Twilio
from journey.adapters.wechat import OfficialAccount
from journey.adapters.wiring import CHANNELS, gateway_from, notice_from
from journey.ports import NoNotice
from journey.settings import Settings
from tests.journey.adapters.making import SECRET

SAMPLE = Path(__file__).parents[3] / "docs" / "samples" / "providers.toml"
CARRIER = '[providers.carrier]\nkind = "http"\nurl = "https://a.example/x"\nsecret = { env = "CARRIER_SECRET" }\n'
SMS = '[channels]\nsms = "carrier"\n'


async def now() -> datetime:
    return datetime.now(UTC)


async def nothing(_: str) -> None:
    return None


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARRIER_SECRET", SECRET.get_secret_value())
    return tmp_path


def write(home: Path, text: str) -> Settings:
    (home / "providers.toml").write_text(text, encoding="utf-8")
    return Settings(home=home)


def problems(home: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ProvidersError) as caught:
        gateway_from(write(home, text), now)
    return caught.value.problems


def test_without_a_file_every_channel_is_simulated(tmp_path: Path) -> None:
    gateway = gateway_from(Settings(home=tmp_path), now)

    assert gateway.names == CHANNELS
    assert gateway.simulated == set(CHANNELS)


def test_the_sample_makes_the_channels_that_it_names(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    for name in re.findall(r'env = "(\w+)"', text):
        monkeypatch.setenv(name, SECRET.get_secret_value())
    (home / "secrets").mkdir()
    (home / "secrets" / "aliyun").write_text("from-a-file\n")

    gateway = gateway_from(write(home, text), now)

    sms, wechat, voice = (gateway.channel(name) for name in ("sms", "wechat", "voice"))
    assert isinstance(sms, AliyunSms)
    assert sms._key_secret == SecretStr("from-a-file")
    assert isinstance(wechat, OfficialAccount)
    assert isinstance(voice, HttpProvider)
    assert (voice.provider, voice.takes_keys) == ("carrier", True)
    assert gateway.simulated == {"email", "inbox"}
    assert notice_from(write(home, text), nothing) is not None


def test_the_sample_shows_every_field_of_every_table() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    tables = load_providers(SAMPLE).providers.values()

    shown = {name for table in tables for name in type(table).model_fields} - {"proxy", "user", "url"}
    assert {name for name in shown if not re.search(rf"^{name} =|\[.*\.{name}\]", text, re.MULTILINE)} == set()


def test_one_provider_may_carry_several_channels(home: Path) -> None:
    twilio = (
        '[channels]\nsms = "us"\nvoice = "us"\n[providers.us]\nkind = "twilio"\naccount = "AC1"\n'
        'token = { env = "CARRIER_SECRET" }\nsender = "+1"\ncallback = "https://example.com/v1/hooks/us"\n'
    )

    gateway = gateway_from(write(home, twilio), now)

    made = [gateway.channel(name) for name in ("sms", "voice")]
    assert all(
        isinstance(channel, Twilio) and channel._callback == "https://example.com/v1/hooks/us" for channel in made
    )
    assert [channel.name for channel in made] == ["sms", "voice"]
    assert {channel.provider for channel in made} == {"us"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sms = [", "providers.toml: is not TOML"),
        ('[channels]\nfax = "x"\n', "[channels] fax"),
        ('[channels]\nsms = "who"\n', "[channels] sms: names no provider"),
        (CARRIER.replace("http", "smoke", 1), "[providers.carrier]"),
        (SMS + CARRIER + 'colour = "red"\n', "[providers.carrier] colour: "),
        (SMS + CARRIER + "timeout = 30\n", "[providers.carrier] timeout: "),
        (SMS + CARRIER + "[providers.carrier.answer]\nok = 1\n", "[providers.carrier] answer.ok: "),
        (SMS + CARRIER.replace("https://", "http://"), "[providers.carrier] url: must begin with https://"),
        (SMS + CARRIER.replace("https://", "https://user:pw@"), "[providers.carrier] url: "),
        (SMS + CARRIER.replace('{ env = "CARRIER_SECRET" }', '"whsec_plain"'), "[providers.carrier] secret: "),
        (SMS + CARRIER.replace("env", "env = 'A', file"), "[providers.carrier] secret: must be { env"),
        (SMS + CARRIER + 'headers = { Idempotency-Key = { env = "CARRIER_SECRET" } }\n', "headers.Idempotency-Key"),
        (SMS + CARRIER + 'headers = { "X Y" = { env = "CARRIER_SECRET" } }\n', "[providers.carrier] headers.X Y"),
        (SMS + CARRIER + 'price = { amount = "-1", currency = "yuan" }\n', "[providers.carrier] price.amount: "),
        (SMS + CARRIER.replace("CARRIER_SECRET", "NOT_SET"), "secret: the environment variable NOT_SET is not set"),
        (SMS + CARRIER.replace('env = "CARRIER_SECRET"', 'file = "gone"'), "secret: the file gone cannot be read"),
        (CARRIER.replace("carrier", "simulated"), "[providers.simulated] "),
        (CARRIER.replace("carrier", '"K X"'), "[providers.K X] "),
        ('[channels]\nvoice = "a"\n[providers.a]\nkind = "aliyun-sms"\nkey_id = { env = "CARRIER_SECRET" }\n'
         'key_secret = { env = "CARRIER_SECRET" }\n', "[channels] voice: a provider of the kind aliyun-sms carries"),
        (SMS + CARRIER + '[providers.carrier.answer]\ncost = "fee"\n', "answer.cost: needs a currency"),
        ('[channels]\nfax = "x"\n', "[channels] fax: must be one of: sms, wechat, voice, email"),
        (SMS + CARRIER + 'colour = "red"\n', "[providers.carrier] colour: is no field of this table"),
        (SMS + CARRIER + "timeout = 30\n", "[providers.carrier] timeout: must be at most 6"),
        (SMS + CARRIER + 'price = "0.05"\n', "[providers.carrier] price: must be a table"),
        (SMS + CARRIER.replace('{ env = "CARRIER_SECRET" }', '"whsec_plain"'), "secret: must be { env = "),
        (SMS + CARRIER.replace("url", "uri"), "[providers.carrier] url: is missing"),
        ('[chat]\n[chat.groups]\nnobody = [{ env = "X" }]\n', "[chat] groups.nobody"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_file_table_and_field(home: Path, text: str, place: str) -> None:
    found = problems(home, text)

    assert any(place in line for line in found), found
    assert all(line.startswith("providers.toml: ") for line in found)
    assert not any("whsec_plain" in line or "user:pw" in line for line in found)


def test_a_secret_that_cannot_sign_is_found_before_a_message_needs_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bad in ("whsec_!!!", "c2hvcnQ="):
        monkeypatch.setenv("CARRIER_SECRET", bad)
        found = problems(home, SMS + CARRIER)
        assert "must be base64 of at least 16 bytes" in found[0]
        assert bad not in found[0]


def test_every_mistake_is_told_at_once(home: Path) -> None:
    text = SMS + CARRIER.replace("CARRIER_SECRET", "NOT_SET") + 'headers = { X-App = { env = "NOR_THIS" } }\n'

    assert len(problems(home, text)) == 2
    text = '[channels]\nsms = "carier"\n' + CARRIER + "timeout = 30\n"
    assert len(problems(home, text)) == 2


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ProvidersError, match="cannot be read"):
        gateway_from(Settings(home=tmp_path, providers=tmp_path / "gone.toml"), now)


def test_mail_has_one_carrier(home: Path) -> None:
    text = CARRIER + '[channels]\nemail = "carrier"\n'
    settings = write(home, text).model_copy(update={"smtp_host": "mail.example"})

    with pytest.raises(ProvidersError, match="JOURNEY_SMTP_HOST"):
        gateway_from(settings, now)


def test_no_secret_is_shown_with_its_channel(home: Path) -> None:
    settings = write(home, SMS + CARRIER)

    shown = repr(load_providers(home / "providers.toml")) + repr(vars(gateway_from(settings, now).channel("sms")))
    assert SECRET.get_secret_value() not in shown


def test_without_chats_staff_look_at_their_list(home: Path) -> None:
    assert isinstance(notice_from(write(home, SMS + CARRIER), nothing), NoNotice)


def test_chats_without_the_extra_are_said_to_need_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(ProvidersError, match=r"owner-journey\[chat\]"):
        notice_from(write(home, '[chat.groups]\ndefault = [{ env = "CARRIER_SECRET" }]\n'), nothing)
