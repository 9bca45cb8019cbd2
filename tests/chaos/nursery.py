"""Imported by the nursery alone, which then ends with the run that opened it, even when that is killed."""

from starter.processes import die_with_parent
from tests.chaos import processes

LOADED = processes.__name__  # what the children run, imported once

die_with_parent()
