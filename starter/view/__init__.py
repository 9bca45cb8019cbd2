"""Lives drawn on one page that needs nothing else: no network, no fonts, no other file."""

from starter.view.page import page, write_page

__all__ = ["page", "write_page"]
