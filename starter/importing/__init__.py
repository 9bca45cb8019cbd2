"""A sales system's export, one row a home, loaded through the REST API; repeating it changes nothing."""

from starter.importing.loading import CheckedFile, ExportFile, import_export
from starter.importing.outcome import Report
from starter.importing.project import Project

__all__ = ["CheckedFile", "ExportFile", "Project", "Report", "import_export"]
