"""What stopped itself: templates and providers that fail again and again."""

from sqlalchemy import Column, Integer, String, Table

from journey.store.tables.columns import instant, metadata

breakers = Table(  # few rows: one that never failed has none
    "breakers",
    metadata,
    Column("kind", String(10), primary_key=True),  # provider, template
    Column("name", String(200), primary_key=True),  # sms/aliyun; signing.keeper-welcome/zh
    Column("state", String(12), nullable=False),  # closed, open, recovering
    Column("failed", Integer, nullable=False),  # of about the last outcomes since `since`
    Column("passed", Integer, nullable=False),
    instant("since", required=False),
    instant("failed_at", required=False),
    Column("error", String(80)),  # the code of the last failure
    instant("opened_at", required=False),
    instant("probe_at", required=False),
    Column("pauses", Integer, nullable=False),
    instant("closed_at", required=False),
    instant("free_at", required=False),
    instant("urgent_until", required=False),
    instant("later_until", required=False),
)
