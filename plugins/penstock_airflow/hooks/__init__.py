"""Connection → client, nothing else."""
