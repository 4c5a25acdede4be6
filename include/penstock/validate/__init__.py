"""Stage 4, validate: the gate. Great Expectations on Spark, a stored verdict, quarantine for rows that fail."""
