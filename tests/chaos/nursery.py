"""Imported by the nursery alone: it ends with the run that opened it, and its children with it, even after a SIGKILL."""

from starter.processes import die_with_parent
from tests.chaos import processes

LOADED = processes.__name__  # what the children run, imported once

die_with_parent()
