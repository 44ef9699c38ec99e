"""The measures that the program asks of everyone: how often, and the terms of those that have some."""
