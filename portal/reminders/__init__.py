"""Reminders: what to remind whom of, and when."""

from portal.reminders import models  # noqa: F401
