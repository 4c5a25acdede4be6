"""The persistent index of near-duplicates: what a day is compared with, in the lake, without Spark."""
