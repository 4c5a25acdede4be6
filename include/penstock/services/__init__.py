"""Start, watch and stop what Penstock runs on one machine: Airflow's components and the warm Spark server."""
