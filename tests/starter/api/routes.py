"""Which paths the API answers to everybody."""

from starter.api import health


def open_paths() -> set[str]:
    """The paths of health and metrics, as they are declared."""
    return {str(getattr(route, "path", "")) for route in health.router.routes}
