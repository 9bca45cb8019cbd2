"""A lives document by hand, for tests of the page that need no engine."""

from typing import Any

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'&\u2028"


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as the store shows it."""
    return {
        "key": "signing.service-callback/epi_1/once", "subject": "epi_1", "item": "signing.service-callback",
        "title": "签约服务回访", "occurrence": "once", "kind": "call", "role": "keeper", "class": "contract",
        "channel": "phone", "person": "zw", "due": "2026-02-17T18:00:00+08:00", "original_due": None,
        "legal_due": None, "at": "2026-02-11T10:00:00+08:00", "outcome": "done",
        "expected": "done@2026-02-17T18:00:00+08:00", "reason": None, "why": None, "because": [],
        "requirement": ["A314"], "steps": [], "case": None,
    } | changes  # fmt: skip


def life(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A life of one owner, signed and waiting for the keys."""
    return {
        "id": "jrn_1", "project": "XN", "name": "香年", "unit": "3-1-1202", "stage": "pre-handover",
        "status": "active", "zone": "Asia/Shanghai", "now": "2026-06-01T09:00:00+08:00",
        "started_at": "2026-02-01T09:00:00+08:00", "owners": [{"ref": "zw", "name": "张*"}],
        "stages": [
            {"stage": "prospect", "from": "2026-02-01T09:00:00+08:00", "until": "2026-02-10T10:00:00+08:00"},
            {"stage": "pre-handover", "from": "2026-02-10T10:00:00+08:00", "until": None},
        ],
        "facts": [
            {"event": "evt_1", "type": "contract.signed", "group": "sale", "at": "2026-02-10T10:00:00+08:00",
             "on": "2026-02-10", "recorded_at": "2026-02-10T10:00:00+08:00", "source": "crm", "by": None,
             "verdict": "applied", "why": None},
        ],
        "entries": list(entries),
        "warranty": [
            {"component": "wet-room", "owner_ends": "2031-06-27", "contractor_ends": "2031-04-28", "gap_days": 60},
        ],
    } | changes  # fmt: skip


def document(*lives: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A lives document of the project 香年."""
    return {
        "kind": "simulate", "project": {"code": "XN", "name": "香年"}, "now": "2026-06-01T09:00:00+08:00",
        "lives": list(lives), "refused": [],
    } | changes  # fmt: skip
