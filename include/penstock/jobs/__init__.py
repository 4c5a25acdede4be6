"""Where a Spark session is made, and the sample job: the simplest use of the platform."""
