"""Settings, read once in entry points from `JOURNEY_*` and passed down."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


def _large(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _there(folder: Path) -> Path:
    if not folder.is_dir():  # a folder without packs would publish nothing, and say nothing
        raise PydanticCustomError("no-folder", "is no folder that is there")
    return folder


Port = Annotated[int, Field(ge=0, le=65535)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_large)]


class Settings(BaseSettings):
    """Every setting of the engine; Temporal's own come from its standard `TEMPORAL_*` variables."""

    model_config = SettingsConfigDict(env_prefix="JOURNEY_", frozen=True, extra="ignore")

    home: Path = Field(Path(".journey"), description="Folder of the embedded store, Temporal's file, logs and outbox.")
    database_url: str | None = Field(None, description="Store of the installation; default: SQLite in the home.")
    policies: Annotated[Path, AfterValidator(_there)] | None = Field(
        None, description="Folder of policy packs; default: the built-in `policies/`."
    )
    url: str | None = Field(None, description="Where the CLI finds the REST API; default: `client.toml` of the home.")
    api_key: SecretStr | None = Field(None, description="Key that the CLI uses; default: `client.toml` of the home.")
    smtp_host: str | None = Field(None, description="SMTP server for e-mail; without one e-mail is simulated.")
    smtp_port: Port = Field(587, description="SMTP port.")
    smtp_user: str | None = Field(None, description="SMTP user.")
    smtp_password: SecretStr | None = Field(None, description="SMTP password.")
    smtp_from: str = Field("owner-journey@localhost", description="Sender address of e-mail.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls or none.")
    letter_sender: str | None = Field(None, description="Who letters come from: the developer; default: the project.")
    letter_address: str | None = Field(None, description="Address in the letterhead.")
    letter_phone: str | None = Field(None, description="Telephone number in the letterhead.")
    letter_font: str | None = Field(
        None, description="Font file embedded in letters; default: a Noto CJK of the machine; `none`: no font embedded."
    )
    evidence: Path | None = Field(None, description="Folder of scans, photos and print runs; default: in the home.")
    providers: Path | None = Field(None, description="File of providers; default: `providers.toml` of the home.")
    strangers_kept_days: int = Field(
        30, ge=4, description="Days that a retention run leaves number and words of answers that are nobody's here."
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json.")
    log_level: LogLevel = Field("INFO", description="Least level that is logged: DEBUG, INFO, WARNING, ERROR.")
    cached_workflows: int = Field(1000, ge=0, description="Journeys a worker keeps in memory (about 180 KiB each).")
    metrics_port: Port | None = Field(None, description="Port on which a worker serves Prometheus; default: none.")
    metrics_host: str = Field("127.0.0.1", description="Interface of that port.")
    build: str = Field("0.1.0", description="Build id written to what it plans.")

    @property
    def store_url(self) -> str:
        """URL of the store: the given one, else SQLite in the home."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'store.db'}"

    @property
    def evidence_folder(self) -> Path:
        """The given folder of evidence, else the one in the home."""
        return self.evidence or self.home.resolve() / "evidence"

    @property
    def policies_folder(self) -> Path:
        """The given folder of packs, else the one beside the `journey` package."""
        return self.policies or Path(__file__).resolve().parents[1] / "policies"
