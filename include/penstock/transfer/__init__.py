"""Stage 2, transfer: landing bytes become raw Parquet shards with provenance columns and a sha256 each."""
