"""Calendars: a private feed out, and a calendar file in."""
