"""Crawl archives (WARC, WET): one reading core for the transfer stage and for Spark's data source."""
