from __future__ import annotations

import io

import zstandard

from penstock.archive.members import Members, begins_record
from penstock.archive.raw import LOOK_BACK, RawStream
from support.warc import http, packed, record

R = record("response", "http://a.example/", http(b"x" * 2000))


def test_a_member_that_is_no_record_is_told_from_one_that_is():
    assert begins_record(packed(R))
    assert begins_record(zstandard.ZstdCompressor().compress(R))
    assert not begins_record(packed(b"hello"))
    assert not begins_record(b"\x1f\x8b\x08 no gzip at all")
    assert not begins_record(b"\x28\xb5\x2f\xfd no zstd at all")


def test_a_member_ends_where_the_next_begins():
    raw = RawStream(io.BytesIO(packed(R, R)))
    offsets, texts = [], []
    for member in Members(raw, budget=1 << 20):
        offsets.append(member.offset)
        texts.append(b"".join(iter(lambda member=member: member.read(100), b"")))
    assert offsets == [0, len(packed(R))]
    assert texts == [R, R]


def test_zstd_frames_that_share_a_dictionary_are_read():
    dictionary = zstandard.train_dictionary(4096, [R + b"%d" % n * n for n in range(300)])
    content = dictionary.as_bytes()
    frame = zstandard.ZstdCompressor(dict_data=dictionary).compress(R)
    head = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    (member,) = Members(RawStream(io.BytesIO(head + frame)), budget=1 << 20)
    assert member.damage == ""
    member = next(iter(Members(RawStream(io.BytesIO(head + frame)), budget=1 << 20)))
    assert b"".join(iter(lambda: member.read(100), b"")) == R


def test_the_stream_gives_its_last_bytes_again_and_no_older_ones():
    content = bytes(range(256)) * (LOOK_BACK // 64)
    raw = RawStream(io.BytesIO(content))
    while raw.take(1 << 16):
        pass
    raw.move_to(len(content) - LOOK_BACK)
    assert raw.peek(10) == content[-LOOK_BACK:][:10]
    raw.move_to(0)
    assert 0 < raw.position <= len(content) - LOOK_BACK
