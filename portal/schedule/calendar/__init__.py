"""A private calendar feed for everyone who has sessions."""

from portal.schedule.calendar import models  # noqa: F401
