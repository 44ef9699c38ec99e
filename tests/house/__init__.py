"""The house rules as functions, so that each can be shown a planted violation."""
