"""Groups: tracks with their rule for repeating, who is in them, and the days without sessions."""
