from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Liberty (40.6892°N, 74.0445°W)", ["40.6892°N, 74.0445°W"]),
        ("40°26′46″N 79°58′56″W", ["40°26′46″N 79°58′56″W"]),
        ("GPS: 37.7749, -122.4194", ["37.7749, -122.4194"]),
        ('{"lat": 37.7749, "lon": -122.4194}', ['lat": 37.7749, "lon": -122.4194']),
        ("geo:37.786971,-122.399677", ["37.786971,-122.399677"]),
        ("坐标39.9042,116.4074", ["39.9042,116.4074"]),
        ("vertices = [(0.1234, 0.5678), (12.3456, 45.6789)]", []),
        ("gps 97.7749, -222.4194", []),
        ("prices 12.345, 45.678", []),
        ("gps weights 0.1234, 0.2345, 0.3456", []),
    ],
)
def test_finds_pairs_of_degrees_and_no_pairs_of_decimals(finds, text, found):
    assert finds(text, "gps") == found
