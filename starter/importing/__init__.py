"""A sales system's export, one row a home, loaded through the REST API; repeating it changes nothing."""

from starter.importing.loading import Report, import_content, import_file
from starter.importing.project import Project

__all__ = ["Project", "Report", "import_content", "import_file"]
