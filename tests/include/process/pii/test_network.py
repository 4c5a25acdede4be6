from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.77, 198.51.100.1:8080 and 10.0.0.255", ["203.0.113.77", "198.51.100.1", "10.0.0.255"]),
        ("laddr=addr(ip='10.0.0.1', port=1)", ["10.0.0.1"]),
        ("http://10.0.0.1/x root@10.2.3.4 10.0.0.0/24", ["10.0.0.1", "10.2.3.4", "10.0.0.0"]),
        ("地址203.0.113.77。", ["203.0.113.77"]),
        (
            "at 2001:db8:85a3::8a2e:370:7334. [fe80::c685:8ff:fe45:641]",
            ["2001:db8:85a3::8a2e:370:7334", "fe80::c685:8ff:fe45:641"],
        ),
        ("127.0.0.1, 0.0.0.0, 255.255.255.0, ::1, ffff:ffff:ffff:ffff::, 224.0.0.251", []),
        ("lz4>=1.7.4.2, brotli == 1.2.1.0; py4j<0.10.9.10,>=0.10.9.7", []),
        ("v1.2.3.4, version 113.2.3.4, release: 200.1.2.3, -- @since 4.8.0.0", []),
        ("• 2.6.3.1 Woodwind diagrams\n1. 8.5.1.1. Tuples\n• Inets 7.5.3.1\n", []),
        ("ISO 8601 sec. 4.1.4.2 and RFC section 200.1.1.2", []),
        ("1.2.3.4.5, 999.1.1.1, 203.0.113.7.nip.io, x203.0.113.7, 203.0.113.7-rc1", []),
        ("12:30:45, 1:2:3, std::vector<a::b>, dead::beef, 00:11:22:33:44:55", []),
    ],
)
def test_finds_addresses_and_no_versions_sections_netmasks_or_times(finds, text, found):
    assert finds(text, "ip") == found


def test_public_only_leaves_private_networks(finds):
    text = "10.0.0.255 192.168.100.200 8.8.8.8 fe80::c685:8ff:fe45:641 2606:4700:4700::1111"
    assert finds(text, {"kind": "ip", "public_only": True}) == ["8.8.8.8", "2606:4700:4700::1111"]


def test_one_address_has_one_value(values):
    text = "2001:0DB8:0000::8A2E:370:7334 2001:db8::8a2e:370:7334"
    assert [value for _, value in values(text, "ip")] == ["2001:db8::8a2e:370:7334"] * 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("link/ether 72:b3:ba:91:e2:24 brd ff:ff:ff:ff:ff:ff", ["72:b3:ba:91:e2:24"]),
        ("00-1A-2B-3C-4D-5E, 001a.2b3c.4d5e.", ["00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"]),
        ("12:30:45:11:22:33 and 20-11-16-12-30-45", []),
        ("MD5 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", []),
        ("1234.5678.9012, 0:1a:2b:3c:4d:5e, a1b2-c3d4-e5f6", []),
    ],
)
def test_finds_cards_of_six_pairs_and_no_fingerprints(finds, text, found):
    assert finds(text, "mac") == found
