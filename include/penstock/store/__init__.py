"""Stage 5, store: publish what passed the gate as table snapshots, atomically, one snapshot a run."""
