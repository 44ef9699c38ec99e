"""Help: the page with people to reach right now, open to everyone."""
