"""Learn: topics, where somebody stopped, and the search."""
