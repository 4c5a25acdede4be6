from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("in_aadhaar", "Aadhaar no. 2341 2341 2346", ["2341 2341 2346"]),
        ("in_aadhaar", "Aadhaar no. 2341 2341 2347", []),
        ("in_aadhaar", "sizes 2341 2341 2346", []),
        ("in_pan", "PAN: ABCPE1234F", ["ABCPE1234F"]),
        ("in_pan", "part ABCPE1234F", []),
        ("cn_resident_id", "身份证号11010519491231002X。", ["11010519491231002X"]),
        ("cn_resident_id", "id 360426199101010071", ["360426199101010071"]),
        ("cn_resident_id", "110105194912310021, 11010519491331002X, 110105209912310021", []),
        ("us_ssn", "SSN 521-44-9382, 521449382", ["521-44-9382"]),
        ("us_ssn", "His social security number is 531217351", ["531217351"]),
        ("us_ssn", "531-21-7351 was", ["531-21-7351"]),
        ("us_ssn", "SSN 937-42-6810", ["937-42-6810"]),
        ("us_ssn", "937-42-6810, 000-12-3456, 666-12-3456, 123-00-4567, 1-531-21-7351, 531-21-7351-4", []),
        ("us_ssn", "SSN 521-44-9382 and routing number 061000104", ["521-44-9382"]),
        ("id_nik", "NIK: 3171011708450001", ["3171011708450001"]),
        ("id_nik", "NIK: 3171011713450001", []),
        ("id_nik", "order 3171011708450001", []),
        ("pk_cnic", "34201-0891231-8", ["34201-0891231-8"]),
        ("pk_cnic", "CNIC 3420108912318", ["3420108912318"]),
        ("pk_cnic", "3420108912318 items", []),
        ("ng_nin", "his NIN is 12345678901", ["12345678901"]),
        ("ng_nin", "12345678901", []),
        ("br_cpf", "529.982.247-25 e CPF 52998224725", ["529.982.247-25", "52998224725"]),
        ("br_cpf", "529.982.247-26, CPF 52998224726", []),
        ("br_cpf", "52998224725", []),
        ("bd_nid", "NID No: 1234567890", ["1234567890"]),
        ("bd_nid", "ticket 1234567890", []),
        ("ru_snils", "112-233-445 95 и СНИЛС 11223344595", ["112-233-445 95", "11223344595"]),
        ("ru_snils", "112-233-445 96", []),
        ("ru_inn", "ИНН 500100732259, ИНН: 7707083893", ["500100732259", "7707083893"]),
        ("ru_inn", "ИНН 500100732258", []),
        ("ru_inn", "500100732259", []),
        ("mx_curp", "CURP BOXW310820HNERXN09", ["BOXW310820HNERXN09"]),
        ("mx_curp", "BOXW310820HNERXN08", []),
    ],
)  # fmt: skip
def test_finds_ids_by_their_check_and_names(finds, kind, text, found):
    assert finds(text, kind) == found


def test_the_value_is_the_same_however_it_is_written(values):
    assert values("529.982.247-25 CPF 52998224725", "br_cpf") == [("br_cpf", "52998224725")] * 2
