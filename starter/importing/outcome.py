"""What an import did, row by row."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starter.importing.remarks import Place, Remark


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: started, told (the home was there), or failed; in a dry run what would."""

    place: Place
    unit: str
    action: str
    facts: int
    journey: str | None = None
    error: Remark | None = None

    def document(self) -> dict[str, Any]:
        """As a report has it."""
        return {
            "sheet": self.place.sheet,
            "row": self.place.row,
            "unit": self.unit,
            "action": self.action,
            "facts": self.facts,
            "journey": self.journey,
        }


@dataclass(slots=True)
class Report:
    """The whole of it; in a dry run nothing was done and this is what would be."""

    file: str
    dry_run: bool
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    batches: int = 0
    errors_file: Path | None = None
    outlook: list[dict[str, Any]] = field(default_factory=list)
    foreseen: bool = False

    @property
    def started(self) -> int:
        """How many journeys were (or would be) started."""
        return sum(each.action == "started" for each in self.outcomes)

    @property
    def failed(self) -> list[Place]:
        """The rows that could not be told."""
        told = {each.place for each in self.outcomes if each.action != "failed"}
        return sorted(
            {error.place for error in self.errors if error.row} - told, key=lambda place: (place.sheet, place.row)
        )

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": len({each.place for each in self.outcomes} | set(self.failed)),
            "started": self.started,
            "told": sum(each.action == "told" for each in self.outcomes),
            "failed": len(self.failed),
            "batches": self.batches,
            "errors": [each.document() for each in self.errors],
            "warnings": [each.document() for each in self.warnings],
            "ignored_columns": list(self.ignored),
            "never_stored": list(self.never),
            "skipped_sheets": list(self.skipped),
            "errors_file": str(self.errors_file) if self.errors_file else None,
            "outlook": self.outlook,
            "foreseen": self.foreseen,
            "outcomes": [each.document() for each in self.outcomes],
        }
