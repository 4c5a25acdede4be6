"""Stage 1, ingest: fetch what is new for a day, resumable and checksummed, as bytes, into the landing zone."""
