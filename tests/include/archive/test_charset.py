from __future__ import annotations

import pytest

from penstock.archive.charset import charset_of, codec_of, decode, fits

CHINESE, TRADITIONAL = "这家酒店的服务态度非常好，房间很干净。" * 5, "這家酒店的服務態度非常好" * 5
JAPANESE, KOREAN = "これは日本語の文章です。漢字とかな。" * 5, "이것은 한국어 문장입니다 날씨가 좋다 " * 5
RUSSIAN, FRENCH = "Это обычное предложение на русском языке о погоде. " * 5, "déjà vu café où " * 5
TEXTS = [
    ("gbk", CHINESE), ("gb18030", CHINESE), ("big5", TRADITIONAL), ("euc_jp", JAPANESE), ("shift_jis", JAPANESE),
    ("iso2022_jp", JAPANESE), ("euc_kr", KOREAN), ("windows-1251", RUSSIAN), ("koi8-r", RUSSIAN), ("latin-1", FRENCH),
    ("windows-1252", FRENCH), ("utf-8", CHINESE), ("utf-8", RUSSIAN),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "text"), TEXTS)
def test_believes_a_header_that_fits(codec, text):
    found = charset_of(text.encode(codec), codec)
    assert found.source == "header"
    assert decode(text.encode(codec), found.name) == text


@pytest.mark.parametrize(("codec", "text"), TEXTS)
def test_reads_the_declaration_of_the_page(codec, text):
    content = f'<html><head><meta charset="{codec}"></head>{text}'.encode(codec)
    assert text in decode(content, charset_of(content, None).name)
    old = f'<meta http-equiv="Content-Type" content="text/html; charset={codec}">{text}'.encode(codec)
    assert text in decode(old, charset_of(old, None).name)


@pytest.mark.parametrize(("codec", "text"), [pair for pair in TEXTS if pair[0] != "euc_kr"])
def test_finds_it_without_any_word(codec, text):
    found = charset_of(text.encode(codec), None)
    assert decode(text.encode(codec), found.name) == text


@pytest.mark.parametrize("lie", ["utf-8", "no-such-charset", "idna", "hex", "", ";;"])
def test_does_not_believe_a_header_that_does_not_fit(lie):
    content = f'<meta charset="windows-1251">{RUSSIAN}'.encode("windows-1251")
    found = charset_of(content, lie)
    assert (found.source, RUSSIAN in decode(content, found.name)) == ("meta", True)


def test_a_byte_order_mark_is_above_all():
    assert charset_of(b"\xef\xbb\xbfabc", "gbk") == ("utf-8", "bom")
    content = "hello".encode("utf-16")
    assert decode(content, charset_of(content, "utf-8").name) == "hello"


@pytest.mark.parametrize("content", [b"", b"abc", bytes(range(256)) * 20, b"\x80" * 5000, b"\x1b$"])
def test_any_bytes_have_some_charset(content):
    assert isinstance(decode(content, charset_of(content, None).name), str)


def test_names_mean_what_browsers_take_them_for():
    assert [codec_of(name) for name in ("gb2312", "iso-8859-1", " UTF8 ", "x-sjis", "none")] == [
        "gb18030", "cp1252", "utf-8", "cp932", None,
    ]  # fmt: skip


def test_a_cut_character_at_the_end_is_no_error():
    assert fits(RUSSIAN.encode()[:-1], "utf-8") or fits(RUSSIAN.encode()[:-2], "utf-8")
    assert decode(b"a", "no-such-charset") == "a"
