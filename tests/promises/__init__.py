"""Promises: each sentence that says that somebody reads, sees, calls, answers or is told, tried in every state."""
