"""When things run, and what happens when they are late."""
