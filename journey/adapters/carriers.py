"""The channels of an installation, made of the tables of `providers.toml`."""

from pathlib import Path
from typing import assert_never

from pydantic import SecretStr

from journey.adapters.aliyun import AliyunSms
from journey.adapters.calling import Http
from journey.adapters.channels import Channel
from journey.adapters.http_provider import HttpProvider
from journey.adapters.providers import (
    AliyunTable,
    HttpTable,
    OfficialTable,
    Providers,
    ProviderTable,
    Secret,
    TwilioTable,
    WeComTable,
)
from journey.adapters.providers_file import Secrets
from journey.adapters.simulated import Now
from journey.adapters.twilio import Twilio
from journey.adapters.wechat import OfficialAccount, WeCom


def carriers(providers: Providers, path: Path, now: Now) -> dict[str, Channel]:
    """The channels that a provider carries, by name; `ProvidersError` when a secret is missing."""
    secrets = Secrets(path)
    made: dict[str, Channel] = {}
    for channel, name in providers.channels.items():
        made[channel] = _carrier(channel, name, providers.providers[name], secrets, now)
    secrets.check()
    return made


def _carrier(channel: str, name: str, table: ProviderTable, secrets: Secrets, now: Now) -> Channel:
    def read(secret: Secret, field: str) -> SecretStr:
        return secrets.read(secret, "providers", name, field)

    http = Http(timeout=table.longest, proxy=read(table.proxy, "proxy") if table.proxy else None)
    match table:
        case HttpTable():
            return HttpProvider(
                channel, name, table.url, secrets.signing(table.secret, "providers", name, "secret"),
                http=http, now=now, places=table.answer, takes_keys=table.takes_keys,
                needs_template=table.needs_template, sign=table.sign, price=table.price,
                headers={each: read(value, f"headers.{each}") for each, value in table.headers.items()},
            )  # fmt: skip
        case AliyunTable():
            return AliyunSms(
                name, read(table.key_id, "key_id").get_secret_value(), read(table.key_secret, "key_secret"),
                http=http, now=now, sign=table.sign, endpoint=table.url, price=table.price,
            )  # fmt: skip
        case TwilioTable():
            return Twilio(
                "voice" if channel == "voice" else "sms", name, table.account, read(table.token, "token"),
                table.sender, http=http, user=table.user, endpoint=table.url, price=table.price,
                callback=table.callback,
            )  # fmt: skip
        case OfficialTable():
            return OfficialAccount(
                name, table.app_id, read(table.secret, "secret"), http=http, now=now, kind=table.messages,
                link=table.link, endpoint=table.url, price=table.price,
            )  # fmt: skip
        case WeComTable():
            return WeCom(
                name, table.corp_id, read(table.secret, "secret"), table.agent, http=http, now=now,
                endpoint=table.url, price=table.price,
            )  # fmt: skip
        case _:
            assert_never(table)
