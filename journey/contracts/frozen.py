"""The base of everything that crosses Temporal."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Frozen; unknown fields are kept, so that an old worker hands on what it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow")
