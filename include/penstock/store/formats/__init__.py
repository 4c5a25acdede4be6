"""Table formats: how the tables of a dataset lie in the lake and under which names they are read."""
