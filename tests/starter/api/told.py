"""Bodies that tests send."""

from typing import Any

import httpx2

PROJECT = {"code": "XN", "name": "香年", "city": "成都", "pack": "cn-residential"}
OWNER = {"ref": "zw", "name": "张伟", "phone": "13800138000"}
HOME = {"project": "XN", "unit": "3-1-1202", "owners": [OWNER]}


def signed(**changes: Any) -> dict[str, Any]:
    """A signing as the sales system tells it."""
    data = {"on": "2026-02-10", "contract_handover_date": "2026-06-30"}
    event = {"id": "crm-1", "type": "contract.signed", "occurred_at": "2026-02-10T10:00:00+08:00", "data": data}
    return event | {"source": "crm"} | changes


async def begin(client: httpx2.AsyncClient) -> str:
    """Make the project and start the journey of its home; returns the journey's id."""
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    answer = (await client.post("/v1/journeys", json=HOME)).raise_for_status()
    return str(answer.json()["id"])
