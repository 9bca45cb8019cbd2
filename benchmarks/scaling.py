"""`python -m benchmarks.scaling`: measure a home and put it, with what a million of them need, into docs/scaling.md.

Times come from docs/benchmarks.md, which a quiet machine fills (`make bench ARGS=--write`); without them the targets
stand in, and say so. `python -m benchmarks.scaling --times` takes them over again and measures nothing.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig import commit, machine
from benchmarks.sizes import HOMES, MOVE, PLAN, TOLD, WAKE, YEARS, Lives, both
from journey.observability import configure
from journey.settings import Settings
from journey.sweeper import POKES_A_ROUND, ROUND
from starter.processes import leave

DOCS = Path(__file__).resolve().parents[1] / "docs"
MILLION = 1_000_000
YEAR = 365.2425 * 86400
RETENTION_YEARS = 90 / 365.2425
_TIMES = {
    "plan": (r"\| planning transaction, PostgreSQL, [^|]*agenda written \| ([\d.]+) ms", 5.0),
    "told": (r"\| journeys on PostgreSQL: events told and judged \| ([\d.]+)/s", None),
    "started": (r"\| journeys on PostgreSQL: starts[^|]*\| ([\d.]+)/s", None),
}
_PLANS_A_YEAR = re.compile(r"^\| plans, mean \| [^|]+ \| ([\d.]+) a year", re.MULTILINE)
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Time:
    """A figure of docs/benchmarks.md, or the target in its place; `value` is None while there is neither."""

    value: float | None
    measured: bool

    @property
    def source(self) -> str:
        """Where the number is from."""
        return "measured" if self.measured else "target" if self.value is not None else "not measured yet"


def times(page: str) -> dict[str, Time]:
    """What the page of benchmarks says."""
    found: dict[str, Time] = {}
    for name, (pattern, target) in _TIMES.items():
        match = re.search(pattern, page)
        found[name] = Time(float(match[1]), True) if match else Time(target, False)
    return found


def of_a_home(on_sqlite: Lives, on_postgres: Lives) -> list[Row]:
    """The first table: counts and sizes of one home."""
    events = sum(on_sqlite.events.values())
    moves = on_sqlite.events[MOVE]
    busiest = max(on_sqlite.plans_in, key=lambda year: on_sqlite.plans_in[year])
    return [
        ("plans", f"{on_sqlite.events[PLAN] / HOMES:.0f} in a life, {on_sqlite.a_year(PLAN):.1f} a year", "markers"),
        ("plans in the busiest year", f"{on_sqlite.plans_in[busiest] / HOMES:.1f} ({busiest})", "markers"),
        ("moves (sends, tasks opened, warned, escalated)", f"{on_sqlite.a_year(MOVE):.1f} a year", "activities"),
        ("wakes", f"{on_sqlite.a_year(WAKE):.1f} a year", "timers fired"),
        ("events told", f"{on_sqlite.events[TOLD] / HOMES:.0f} in a life", "updates"),
        ("history events", f"{events / HOMES:.0f} in a life, {events / moves:.1f} per move, all told", "histories"),
        (
            "history bytes",
            f"{_kib(on_sqlite.history)} in a life, {on_sqlite.history / events:.0f} an event",
            "protobuf",
        ),
        ("the open run", f"{_kib(on_sqlite.last_run)}, {on_sqlite.last_run_events / HOMES:.0f} events", "last history"),
        ("rows", f"{sum(on_sqlite.rows.values()) / HOMES:.0f} ({_largest(on_sqlite.rows)})", "count(*)"),
        ("store on SQLite", _room(on_sqlite), "dbstat"),
        ("store on PostgreSQL", _room(on_postgres), "pg_total_relation_size, vacuumed"),
        ("the same before it was vacuumed", _kib(on_postgres.grown), "pg_total_relation_size"),
    ]


def of_a_million(lives: Lives, on_postgres: Lives, known: dict[str, Time]) -> list[Row]:
    """The second table: what a million homes need, with how each number is made."""
    plans, events = lives.a_year(PLAN), sum(lives.events.values()) / HOMES / YEARS
    history = lives.history / HOMES / YEARS
    open_run = lives.last_run / HOMES
    store = sum(on_postgres.room.values()) / HOMES
    grown = on_postgres.grown / HOMES
    cores, change, imported, told = of_times(round(plans, 1), known)
    poking = POKES_A_ROUND / ROUND.total_seconds()
    return [
        ("plans, mean", f"{MILLION * plans / YEAR:.1f}/s", f"{plans:.1f} a year × 10⁶"),
        (
            "plans, a day's work in one hour",
            f"{_busy(plans):.0f}/s",
            "÷ 365 ÷ 3,600: everything of a day is due at 08:00",
        ),
        cores,
        ("history events, mean", f"{MILLION * events / YEAR:.0f}/s", f"{events:.0f} a year × 10⁶"),
        ("history events, that hour", f"{_busy(events):.0f}/s", "÷ 365 ÷ 3,600"),
        ("store after a life", f"{_gib(MILLION * store)}–{_gib(MILLION * grown)}", "vacuumed – as it grew, × 10⁶"),
        ("store, growth", f"{_gib(MILLION * store / YEARS)} a year", f"÷ {YEARS:.1f} years"),
        (
            "Temporal's histories",
            _gib(MILLION * (open_run + history * RETENTION_YEARS)),
            "(open run + 90 days of closed ones) × 10⁶",
        ),
        change,
        (
            "an outage of a day, then",
            f"{MILLION * lives.a_year(WAKE) / 365 / poking / 60:.0f} min",
            f"a day's wakes at {poking:.0f} pokes a second, if every alarm of Temporal were lost too",
        ),
        imported,
        told,
    ]


def of_times(plans: float, known: dict[str, Time]) -> list[Row]:
    """The rows of the second table that hang on how long something takes; `plans` are those of a home in a year."""
    plan = known["plan"].value or 0
    return [
        (
            "cores for that hour",
            f"{_busy(plans) * plan / 1000:.2f}",
            f"× {plan:.1f} ms a plan ({known['plan'].source})",
        ),
        (
            "a change that concerns everybody",
            f"{MILLION * plan / 1000 / 3600:.1f} h",
            f"10⁶ × {plan:.1f} ms ({known['plan'].source}), one after the other: `Replan` is one run",
        ),
        ("a million homes imported", _hours(known["started"]), "10⁶ ÷ starts a second (docs/benchmarks.md)"),
        ("a fact told to each", _hours(known["told"]), "10⁶ ÷ events told and judged a second (docs/benchmarks.md)"),
    ]


def retimed(page: str, known: dict[str, Time]) -> str:
    """The page with those rows made anew; what was counted and weighed stays as it stands."""
    counted = _PLANS_A_YEAR.search(page)
    for row in of_times(float(counted[1]), known) if counted else ():
        page = re.sub(rf"^\| {re.escape(row[0])} \|.*$", _line(row), page, flags=re.MULTILINE)
    return page


def _busy(a_year: float) -> float:
    """A second's share when a million homes' work of a day falls into one hour."""
    return MILLION * a_year / 365 / 3600


def _room(lives: Lives) -> str:
    return f"{_kib(sum(lives.room.values()))} ({_largest(lives.room, 1024, ' KiB')})"


def _kib(size: float) -> str:
    return f"{size / HOMES / 1024:.0f} KiB"


def _gib(size: float) -> str:
    return f"{size / 2**30:.0f} GiB"


def _hours(rate: Time) -> str:
    return f"{MILLION / rate.value / 3600:.1f} h" if rate.value else "– (not measured yet)"


def _largest(found: dict[str, int], unit: int = 1, suffix: str = "") -> str:
    names = sorted(found, key=lambda name: -found[name])[:3]
    return ", ".join(f"{name} {found[name] / HOMES / unit:.0f}{suffix}" for name in names)


def table(head: Row, rows: list[Row]) -> str:
    """A Markdown table."""
    return "\n".join(map(_line, [head, ("---", "---", "---"), *rows]))


def _line(row: Row) -> str:
    return f"| {' | '.join(row)} |"


def filled(page: str, name: str, content: str) -> str:
    """The page with what stands between its markers replaced."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.partition(start)
    return before + start + "\n" + content + "\n" + end + rest.partition(end)[2]


def main() -> int:
    """Measure and write; with `--times`, only take over the times."""
    known = times((DOCS / "benchmarks.md").read_text(encoding="utf-8"))
    if "--times" in sys.argv[1:]:
        page = (DOCS / "scaling.md").read_text(encoding="utf-8")
        (DOCS / "scaling.md").write_text(retimed(page, known), encoding="utf-8")
        return 0
    configure(Settings().model_copy(update={"log_level": "WARNING"}))
    on_sqlite, on_postgres = asyncio.run(both())
    home = table(("one home", "measured", "from"), of_a_home(on_sqlite, on_postgres))
    million = table(("a million homes", "", "how"), of_a_million(on_sqlite, on_postgres, known))
    where = f"Measured {commit()}, {machine()}: {HOMES} homes, {YEARS:.1f} years each."
    page = (DOCS / "scaling.md").read_text(encoding="utf-8")
    page = filled(filled(page, "a home", f"{where}\n\n{home}"), "a million", million)
    (DOCS / "scaling.md").write_text(page, encoding="utf-8")
    sys.stdout.write(f"{home}\n\n{million}\n")
    return 0


if __name__ == "__main__":
    leave(main())
