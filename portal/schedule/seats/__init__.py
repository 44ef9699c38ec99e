"""Seats: what a participant cannot come to, and what they may come to instead."""

from portal.schedule.seats import models  # noqa: F401
