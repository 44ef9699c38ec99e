"""Group times out of a calendar file: read, shown as a plan, and taken over whole or not at all."""
