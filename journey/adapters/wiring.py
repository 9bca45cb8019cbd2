"""What the worker plugs in: channels, packs with their overlays, calendars, by the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journey.adapters.calendars import load_calendar
from journey.adapters.channels import Channel, Gateway
from journey.adapters.email import EmailChannel
from journey.adapters.packs import LoadedPack, available, load_pack, overlays_of
from journey.adapters.simulated import MemoryChannel, Now, Outage, SimulatedChannel
from journey.domain.calendar import WorkCalendar
from journey.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """A pack with its overlays, as it is published."""

    overlays: tuple[str, ...]
    loaded: LoadedPack


CHANNELS = ("sms", "wechat", "voice", "email")


def gateway_from(settings: Settings, now: Now) -> Gateway:
    """E-mail over SMTP when a server is set; everything else is simulated into the home's outbox."""
    outbox = settings.home.resolve() / "outbox"
    channels: dict[str, Channel] = {name: SimulatedChannel(name, outbox, clock=now) for name in CHANNELS}
    if settings.smtp_host:
        channels["email"] = EmailChannel(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from,
            username=settings.smtp_user,
            password=settings.smtp_password,
            security=settings.smtp_tls,
        )
    simulated = set(CHANNELS) - ({"email"} if settings.smtp_host else set())
    return Gateway(channels.values(), simulated=simulated)


def memory_gateway(now: Now, outages: Mapping[str, Sequence[Outage]] | None = None) -> Gateway:
    """Channels that keep what they are given in memory; `outages` by channel."""
    down = outages or {}
    return Gateway(
        [MemoryChannel(name, clock=now, outages=down.get(name, ())) for name in CHANNELS], simulated=CHANNELS
    )


def load_policies(settings: Settings) -> list[Policy]:
    """Every pack of the folder, plain and with each overlay that fits it."""
    folder = settings.policies_folder
    policies = []
    for name in available(folder):
        policies.append(Policy((), load_pack(folder, name)))
        policies += [Policy((overlay,), load_pack(folder, name, [overlay])) for overlay in overlays_of(folder, name)]
    return policies


def load_policy(settings: Settings, name: str, overlays: Sequence[str]) -> Policy:
    """One pack with its overlays, in their order."""
    return Policy(tuple(overlays), load_pack(settings.policies_folder, name, list(overlays)))


def calendar_for(settings: Settings, country: str) -> WorkCalendar:
    """A country's calendar: the year files of the folder, else the library's."""
    return load_calendar(country, settings.policies_folder / "calendars")
