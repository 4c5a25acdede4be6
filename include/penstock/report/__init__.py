"""What people look at: dataset cards, comparisons, and recipes tried on a sample. Reads lake and ledger, no Airflow."""
