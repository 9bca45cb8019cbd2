"""What the worker plugs in: channels, packs with their overlays, calendars, by the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from journey.adapters.calendars import load_calendar
from journey.adapters.carriers import carriers
from journey.adapters.channels import Channel, Gateway
from journey.adapters.chat import ChatNotice, Look, apprise_sender
from journey.adapters.email import EmailChannel
from journey.adapters.inbox import InboxChannel
from journey.adapters.packs import LoadedPack, available, load_pack, overlays_of, versions
from journey.adapters.providers import CARRIED, Providers
from journey.adapters.providers_file import ProvidersError, Secrets, load_providers, places
from journey.adapters.simulated import MemoryChannel, Now, Outage, SimulatedChannel
from journey.domain.calendar import WorkCalendar
from journey.ports import NoNotice, OwnerInbox, StaffNotice
from journey.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """A pack with its overlays, as it is published."""

    overlays: tuple[str, ...]
    loaded: LoadedPack


CHANNELS = (*CARRIED, "inbox")


def gateway_from(settings: Settings, now: Now, inbox: OwnerInbox | None = None) -> Gateway:
    """Each channel by the provider that the settings name; every other one is simulated into the home's outbox.

    `ProvidersError` for a file of providers that cannot be used: a wrong one must not send nothing in silence.
    """
    outbox = settings.home.resolve() / "outbox"
    channels: dict[str, Channel] = {name: SimulatedChannel(name, outbox, clock=now) for name in CHANNELS}
    real: dict[str, Channel] = {} if inbox is None else {"inbox": InboxChannel(inbox)}
    if settings.smtp_host:
        real["email"] = _smtp(settings, settings.smtp_host)
    path = providers_file(settings)
    if path is not None:
        real |= carriers(providers_of(settings), path, now)
    return Gateway((channels | real).values(), simulated=set(CHANNELS) - set(real))


def providers_file(settings: Settings) -> Path | None:
    """The file of providers: the one that the settings name, else that of the home when there is one."""
    return places(settings.providers, settings.home)


def providers_of(settings: Settings) -> Providers:
    """Its tables, none without a file; `ProvidersError`."""
    path = providers_file(settings)
    if path is None:
        return Providers()
    try:
        providers = load_providers(path)
    except ProvidersError as error:
        named = "JOURNEY_PROVIDERS: " if settings.providers is not None else ""
        raise ProvidersError([f"{named}{problem}" for problem in error.problems]) from None
    if settings.smtp_host and "email" in providers.channels:
        raise ProvidersError([f"{path.name}: [channels] email: JOURNEY_SMTP_HOST names a server for it already"])
    return providers


def notice_from(settings: Settings, look: Look) -> StaffNotice:
    """The chats of staff that the file of providers names; nobody without them. `ProvidersError`."""
    path = providers_file(settings)
    chat = providers_of(settings).chat
    if path is None or chat is None:
        return NoNotice()
    secrets = Secrets(path)
    groups = {
        str(post): [secrets.read(each, "chat", f"groups.{post}") for each in urls] for post, urls in chat.groups.items()
    }
    secrets.check()
    try:
        send = apprise_sender()
    except ModuleNotFoundError:
        raise ProvidersError([f"{path.name}: [chat]: needs the extra: pip install 'owner-journey[chat]'"]) from None
    return ChatNotice(groups, look, send=send, language=chat.language)


def _smtp(settings: Settings, host: str) -> EmailChannel:
    return EmailChannel(
        host,
        settings.smtp_port,
        settings.smtp_from,
        username=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_tls,
    )


def memory_gateway(now: Now, outages: Mapping[str, Sequence[Outage]] | None = None) -> Gateway:
    """Channels that keep what they are given in memory; `outages` by channel."""
    down = outages or {}
    return Gateway(
        [MemoryChannel(name, clock=now, outages=down.get(name, ())) for name in CHANNELS], simulated=CHANNELS
    )


def load_policies(settings: Settings) -> list[Policy]:
    """Every pack of the folder in each of its versions, oldest first, plain and with each overlay that fits it."""
    folder = settings.policies_folder
    return [policy for name in available(folder) for policy in pack_policies(folder, name)]


def pack_policies(folder: Path, name: str) -> list[Policy]:
    """One pack of a folder likewise."""
    layers = [(), *((overlay,) for overlay in overlays_of(folder, name))]
    return [
        Policy(each, load_pack(folder, name, each, version)) for each in layers for version in versions(folder, name)
    ]


def load_policy(settings: Settings, name: str, overlays: Sequence[str]) -> list[Policy]:
    """Every version of one pack with its overlays, in their order."""
    folder = settings.policies_folder
    base = Policy(tuple(overlays), load_pack(folder, name, overlays))
    later = versions(folder, name)[1:]
    return [base, *(Policy(tuple(overlays), load_pack(folder, name, overlays, version)) for version in later)]


def calendar_for(settings: Settings, country: str) -> WorkCalendar:
    """A country's calendar: the year files of the folder, else the library's."""
    return load_calendar(country, settings.policies_folder / "calendars")
