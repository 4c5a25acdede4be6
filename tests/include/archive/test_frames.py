"""Whatever happens to an archive, what can be read is read, and everything is counted."""

from __future__ import annotations

import gzip
import io
import itertools
import random
import time

import pytest
import zstandard

from penstock.archive.frames import count_frames, read_frames
from support.warc import http, packed, record

MAX = 1 << 20
R = [record("response", f"http://a.example/{n}", http(b"x%d" % n * 10)) for n in range(4)]
G = [packed(content) for content in R]
Z = [zstandard.ZstdCompressor().compress(content) for content in R]
HUGE = record("response", "http://b.example/", b"\0" * 64_000_000)
LONG_HEADER = record("response", "http://b.example/" + "h" * 100_000, b"")
NO_LENGTH = record("response", "http://b.example/", b"abc" * 50, Content_Length=None)
TOO_LONG = record("response", "http://b.example/", b"abc" * 50, Content_Length="51840")

CASES = {
    "gzip": (b"".join(G), ["", "", "", ""]),
    "plain": (b"".join(R), ["", "", "", ""]),
    "zstd": (b"".join(Z), ["", "", "", ""]),
    "one gzip member": (gzip.compress(b"".join(R)), ["", "", "", ""]),
    "one zstd frame": (zstandard.ZstdCompressor().compress(b"".join(R)), ["", "", "", ""]),
    "zstd with a skippable frame": (b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + Z[0], [""]),
    "gzip, then plain, then gzip": (G[0] + R[1] + G[2], ["", "", ""]),
    "plain, then gzip": (R[0] + G[1] + G[2] + R[3], ["", "", "", ""]),
    "clipped": (b"".join(G)[:-50], ["", "", "", "clipped_record"]),
    "clipped in the trailer alone": (b"".join(G)[:-4], ["", "", "", ""]),
    "clipped, then another file": (G[0] + G[1][:100] + G[2] + G[3], ["", "damaged_record", "", ""]),
    "clipped and plain": (b"".join(R)[:-40], ["", "", "", "clipped_record"]),
    "clipped and one member": (gzip.compress(b"".join(R))[:-30], None),
    "clipped zstd": (b"".join(Z)[:-30], ["", "", "", "clipped_record"]),
    "damaged zstd": (Z[0] + Z[1][:40] + Z[2], ["", "damaged_record", ""]),
    "damaged": (G[0] + G[1][:60] + b"\xff" * 20 + G[1][80:] + G[2], ["", "damaged_record", ""]),
    "a wrong checksum": (G[0] + G[1][:-8] + b"abcd" + G[1][-4:] + G[2], None),
    "garbage between": (R[0] + b"garbage\r\nhello\r\n\r\n" * 9 + R[1], ["", "not_a_record", ""]),
    "garbage inside of a member": (gzip.compress(R[0] + b"foo\nbar\n" * 9 + R[1]), ["", "not_a_record", ""]),
    "padding between": (G[0] + b"\0" * 100 + b"\r\n" + G[1], ["", ""]),
    "an empty member": (gzip.compress(b"") + G[1], [""]),
    "no length": (NO_LENGTH + R[1] + R[2], ["no_content_length", "", ""]),
    "no length in a member": (packed(NO_LENGTH) + G[1], ["no_content_length", ""]),
    "a length that reaches into the next": (TOO_LONG + R[1] + R[2], ["clipped_record", "", ""]),
    "a length beyond the member": (packed(TOO_LONG) + G[1], ["clipped_record", ""]),
    "a header without end": (LONG_HEADER + R[1], ["not_a_record", ""]),
    "a header without end in a member": (packed(LONG_HEADER) + G[1], ["not_a_record", ""]),
    "a zip bomb": (G[0] + packed(HUGE) + G[1], ["", "oversized_record", ""]),
    "a zip bomb behind a record": (G[0] + gzip.compress(R[1] + b"\0" * 64_000_000) + G[1], None),
    "an error page": (b"<html>no such archive</html>" * 50, ["not_a_record"]),
    "noise": (bytes(random.Random(1).randbytes(5000)), ["not_a_record"]),
    "nothing": (b"", []),
    "blank": (b"\r\n\r\n", []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_reads_what_can_be_read_and_counts_the_rest(name):
    content, expected = CASES[name]
    frames = list(read_frames(io.BytesIO(content), max_bytes=MAX))
    if expected is not None:
        assert [frame.bad for frame in frames] == expected
    assert count_frames(io.BytesIO(content), max_bytes=MAX) == len(frames)
    for frame in frames:
        assert frame.bad or frame.block.startswith(b"HTTP/1.1 200 OK")


def test_says_where_a_record_is():
    frames = list(read_frames(io.BytesIO(b"".join(G)), max_bytes=MAX))
    for frame, content in zip(frames, R, strict=True):
        member = b"".join(G)[frame.offset :]
        assert gzip.decompress(member).startswith(content)
    plain = list(read_frames(io.BytesIO(b"".join(R)), max_bytes=MAX))
    assert [frame.inner_offset for frame in plain] == [0, len(R[0]), 2 * len(R[0]), 3 * len(R[0])]


@pytest.mark.parametrize("pieces", [1, 2, 3, 7, 50])
def test_parts_of_a_file_together_are_the_file(pieces):
    content = b"".join(packed(record("response", f"http://a.example/{n}", http(b"y" * n))) for n in range(60))
    whole = [f.headers["warc-target-uri"] for f in read_frames(io.BytesIO(content), max_bytes=MAX)]
    bounds = [len(content) * n // pieces for n in range(pieces)] + [len(content)]
    found = []
    for start, end in itertools.pairwise(bounds):
        stream = io.BytesIO(content)
        stream.seek(start)
        found += [
            f.headers["warc-target-uri"] for f in read_frames(stream, max_bytes=MAX, start=start, end=end)
        ]
    assert found == whole


def test_a_record_of_the_bound_is_read_and_a_longer_one_is_not():
    content = packed(record("resource", "http://a.example/", b"z" * 1000))
    assert next(iter(read_frames(io.BytesIO(content), max_bytes=1000))).bad == ""
    frame = next(iter(read_frames(io.BytesIO(content), max_bytes=999)))
    assert (frame.bad, frame.block) == ("oversized_record", b"")


def test_a_bomb_costs_no_more_than_its_bound():
    bomb = packed(record("response", "http://b.example/", b"\0" * 300_000_000, Content_Length="99999999999"))
    started = time.process_time()
    frames = list(read_frames(io.BytesIO(bomb + G[1]), max_bytes=MAX))
    assert [f.bad for f in frames] == ["oversized_record", ""]
    assert time.process_time() - started < 2


def test_no_bytes_make_it_raise_or_hang_or_count_two_ways():
    rng = random.Random(7)
    sources = [b"".join(G), b"".join(R), b"".join(Z), gzip.compress(b"".join(R))]
    for _ in range(400):
        content = bytearray(rng.choice(sources))
        for _ in range(rng.randint(1, 8)):
            place = rng.randrange(len(content))
            match rng.randrange(4):
                case 0:
                    content[place] = rng.randrange(256)
                case 1:
                    del content[place : place + rng.randint(1, 200)]
                case 2:
                    content[place:place] = rng.randbytes(rng.randint(1, 60))
                case 3:
                    content[place:place] = rng.choice(
                        [b"WARC/1.0\r\n", b"\x1f\x8b\x08", G[0], R[0], b"\r\n\r\n"]
                    )
            if not content:
                content = bytearray(b"x")
        frames = list(read_frames(io.BytesIO(bytes(content)), max_bytes=MAX))
        assert count_frames(io.BytesIO(bytes(content)), max_bytes=MAX) == len(frames)
