"""The kinds of fields that event data is made of: read strictly at the door, normalised, JSON again when dumped."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_TEXT: Final = 10_000
MAX_ID: Final = 200
LEAST_ADDRESS: Final = 6  # characters: no street with a number is shorter
MAX_NOTICE: Final = 500
EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2120, 12, 31)
EARLIEST_BIRTHDAY: Final = date(1900, 1, 1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class _Personal:
    """Marks a field that says something about a person; erasure removes it."""


PERSONAL: Final = _Personal()


class Data(BaseModel):
    """Base of everything inside `data`: unknown fields are kept, text is trimmed."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True, populate_by_name=False)


def refuse(rule: str, **params: Any) -> PydanticCustomError:
    """Return the error of a rule in `errors.RULE_TEXTS`, to be raised inside a validator."""
    return PydanticCustomError(rule, "{rule}", {"rule": rule, **params})


def _within(value: date, earliest: date) -> date:
    if not earliest <= value <= LATEST:
        raise refuse("out-of-range", range=f"{earliest}..{LATEST}")
    return value


def read_date(value: Any) -> date:
    """Return the civil date written as YYYY-MM-DD; anything else is refused as `not-a-date`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise refuse("required" if value is None else "not-a-date")
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise refuse("not-a-date") from None


def read_instant(value: Any) -> datetime:
    """Return the UTC instant of an RFC 3339 text with an offset; anything else is refused as `not-an-instant`."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value.strip()):
        raise refuse("required" if value is None else "not-an-instant")
    try:
        return datetime.fromisoformat(value.strip().upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("not-an-instant") from None


def offset_of(told: str) -> tzinfo | None:
    """The offset from UTC with which an instant that can be read was written."""
    return datetime.fromisoformat(told.strip().upper()).tzinfo


def _plausible_instant(value: datetime) -> datetime:
    _within(value.date(), EARLIEST)
    return value


def read_phone(value: Any, region: str = "CN") -> str:
    """Return a phone number as E.164; numbers without a country code belong to `region`."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > MAX_ID:
        raise refuse("required" if value is None else "not-a-phone")
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise refuse("not-a-phone") from None
    if not phonenumbers.is_valid_number(number):
        raise refuse("not-a-phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_email(value: Any) -> str:
    """Return an e-mail address in its normal form; nothing is looked up."""
    if not isinstance(value, str):
        raise refuse("required" if value is None else "not-an-email")
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise refuse("not-an-email") from None


def read_postal_address(value: Any) -> str:
    """Return a postal address on one line, as an envelope needs it; what cannot be one is refused."""
    if not isinstance(value, str):
        raise refuse("required" if value is None else "not-text")
    address = " ".join(value.replace("\u3000", " ").split())
    if len(address) > MAX_ID:
        raise refuse("too-long", limit=MAX_ID)
    if len(address) < LEAST_ADDRESS or not any(character.isalpha() for character in address):
        raise refuse("not-an-address")
    return address


def _phone(value: Any, info: ValidationInfo) -> str:
    return read_phone(value, (info.context or {}).get("region", "CN"))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise refuse("not-a-zone") from None
    return value


def _number_as_code(value: Any) -> Any:
    # YAML and spreadsheets turn building "3" into a number.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _folded(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse("required" if value is None else "not-a-number")
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise refuse("not-a-number") from None
    if not amount.is_finite():
        raise refuse("not-a-number")
    if not 0 <= amount <= 10**12:
        raise refuse("out-of-range", range="0..10^12")
    return value.strip() if isinstance(value, str) else value


def _something(value: Any) -> Any:
    if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        raise refuse("required")
    if isinstance(value, bool | int | float):
        raise refuse("not-text")
    return value


def _snags(value: Any) -> Any:
    if isinstance(value, list):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse("not-a-list")
    if not 0 <= value <= 10_000:
        raise refuse("out-of-range", range="0..10000")
    return value


Day = Annotated[
    date, BeforeValidator(read_date, json_schema_input_type=str), AfterValidator(lambda v: _within(v, EARLIEST))
]
Birthday = Annotated[
    date,
    BeforeValidator(read_date, json_schema_input_type=str),
    AfterValidator(lambda v: _within(v, EARLIEST_BIRTHDAY)),
    PERSONAL,
]
Instant = Annotated[
    datetime, BeforeValidator(read_instant, json_schema_input_type=str), AfterValidator(_plausible_instant)
]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Notice = Annotated[str, Field(min_length=1, max_length=MAX_NOTICE)]  # goes out to owners as it is
OwnWords = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), PERSONAL]
Code = Annotated[str, BeforeValidator(_number_as_code, json_schema_input_type=str), Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_ID), PERSONAL]
Codes = Annotated[list[Code], BeforeValidator(_listed, json_schema_input_type=list[str]), Field(min_length=1)]
# Files, links, a description: whatever shows that it happened.
Evidence = Annotated[Any, AfterValidator(_something), PERSONAL]
Photos = Annotated[list[Any], BeforeValidator(_listed, json_schema_input_type=list[Any]), PERSONAL]
Names = Annotated[Any, AfterValidator(_something), PERSONAL]
# A count, or the list of what was found.
Snags = Annotated[Any, AfterValidator(_snags), PERSONAL]
# How long somebody waited.
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
# A number or a decimal text, in the project's currency.
Amount = Annotated[Any, AfterValidator(_amount), WithJsonSchema({"type": ["number", "string"]})]
Phone = Annotated[str, BeforeValidator(_phone, json_schema_input_type=str), PERSONAL]
Email = Annotated[str, BeforeValidator(read_email, json_schema_input_type=str), PERSONAL]
PostalAddress = Annotated[str, BeforeValidator(read_postal_address, json_schema_input_type=str), PERSONAL]
Zone = Annotated[str, AfterValidator(_zone), Field(max_length=MAX_ID)]
FOLDED: Final = BeforeValidator(_folded)
