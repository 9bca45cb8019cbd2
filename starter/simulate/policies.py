"""Packs of a simulation: the built-in ones, those of a test, and the versions that a scenario publishes on its way."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

import worker
from journey.domain.clocks import local_date
from journey.domain.errors import JourneyError
from journey.domain.floors import breaches
from journey.domain.overlays import OverlayError, set_path
from journey.domain.packs import Pack
from journey.domain.wording import PARTS
from journey.settings import Settings
from journey.store import changes
from journey.store.engine import Store
from journey.store.shelf import publish_pack, shelf_name
from journey.store.tables import packs
from starter.simulate.reading import Problem, ScenarioError
from starter.simulate.scenario import PolicyChange, Scenario


async def publish(
    store: Store, scenario: Scenario, settings: Settings, extra_packs: Sequence[Mapping[str, Any]]
) -> None:
    """Every pack that the scenario may use, and a trial of its policy changes, before anything runs."""
    await worker.publish_policies(store, settings, scenario.start)
    for pack in extra_packs:
        await store.write(publish_pack, name=pack["pack"], content_hash=_hash(pack), document=pack, now=scenario.start)
    for pack_name, overlays in _wanted(scenario):
        if await store.read(_latest, shelf_name(pack_name, overlays)) is None:
            try:
                await worker.publish_policy(store, settings, pack_name, overlays, scenario.start)
            except JourneyError as error:
                raise ScenarioError([Problem("", 0, "pack", "unknown-pack", str(error))]) from error
    trial = await store.read(_latest, shelf_name(scenario.pack, scenario.overlays))
    assert trial is not None  # published above
    for number, change in enumerate(sorted(scenario.policy_changes, key=lambda one: one.at)):
        trial = _changed(trial, change, scenario.zone, number)


def _wanted(scenario: Scenario) -> list[tuple[str, list[str]]]:
    """Packs with their overlays: the scenario's, and those of journeys that name their own."""
    own = [
        (row.pack or scenario.pack, scenario.overlays if row.overlays is None else row.overlays)
        for row in scenario.journeys
    ]
    return [(scenario.pack, scenario.overlays), *own]


def publish_change(session: Session, scenario: Scenario, change: PolicyChange, now: datetime) -> None:
    """Publish the next version of the scenario's pack, and have its journeys planned again."""
    name = shelf_name(scenario.pack, scenario.overlays)
    latest = _latest(session, name)
    assert latest is not None  # the project uses it
    new = _changed(latest, change, scenario.zone, scenario.policy_changes.index(change))
    publish_pack(session, name=name, content_hash=_hash(new), document=new, now=now)
    changes.record_change(session, "pack", {"pack": scenario.pack, "overlays": list(scenario.overlays)}, now)


def _changed(document: Mapping[str, Any], change: PolicyChange, zone: str, number: int) -> dict[str, Any]:
    """The next version of a pack's document; ScenarioError for a path or a value that it cannot have."""
    new = deepcopy(dict(document))
    effective = change.effective or local_date(change.at, zone)
    where = f"policy_changes/{number}/set"
    for path, value in change.set.items():
        try:
            set_path(new, path, value)
        except OverlayError as error:
            raise ScenarioError([Problem("", 0, f"{where}/{path}", "unknown-path", error.text)]) from error
    new |= {"effective_from": effective.isoformat(), "version": f"{document['version']}+{number + 1}"}
    try:
        read_pack(new)
    except ValidationError as error:
        text = "; ".join(f"{'.'.join(map(str, one['loc']))} {one['msg']}" for one in error.errors(include_url=False))
        raise ScenarioError([Problem("", 0, where, "invalid", text)]) from error
    stands = {each.floor.path for each in breaches(document, {})}  # by an overlay's local law, or a pack of a test
    below = [each for each in breaches(new, {}) if each.floor.path not in stands]
    if below:
        problems = [
            Problem("", 0, f"{where}/{each.floor.path}", "below-the-law", each.floor.words(each.value))
            for each in below
        ]
        raise ScenarioError(problems)
    return new


def read_pack(document: Mapping[str, Any]) -> Pack:
    """The pack of a stored document; its words are for rendering only."""
    return Pack.model_validate({name: value for name, value in document.items() if name not in PARTS})


def _latest(session: Session, name: str) -> dict[str, Any] | None:
    found = session.execute(select(packs.c.document).where(packs.c.name == name).order_by(packs.c.seq.desc()).limit(1))
    return found.scalar()


def _hash(document: Mapping[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
