from __future__ import annotations

import time

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from penstock.process.pii.action import PseudonymKey
from penstock.process.pii.mask_pii import MaskPii
from penstock.process.step import Context, Drop


@pytest.mark.parametrize(
    ("text", "masked", "counts"),
    [
        (None, None, {}),
        ("", "", {}),
        ("nothing here", "nothing here", {}),
        ("write to ann.b+c@mail.example.co.uk.", "write to <EMAIL>.", {"email": 1}),
        ("a@b.io, a@b.io; <a@b.io>", "<EMAIL>, <EMAIL>; <<EMAIL>>", {"email": 3}),
        ("联系foo_bar@qq.com谢谢", "联系<EMAIL>谢谢", {"email": 1}),
        ("MAILTO:Ann@EXAMPLE.COM", "MAILTO:<EMAIL>", {"email": 1}),
        ("call (112) 555-0123 now", "call (112) 555-0123 now", {}),  # no area code begins with 1
        ("call (212) 736-5000 now", "call <PHONE> now", {"phone": 1}),
        ("212-736-5000 or 212.736.5000", "<PHONE> or <PHONE>", {"phone": 2}),
        ("+44 20 7946 0018, +86 138 0013 8000", "<PHONE>, <PHONE>", {"phone": 2}),
        ("手机13800138000。", "手机<PHONE>。", {"phone": 1}),
        ("from 8.8.8.8 to 10.0.0.255:8080", "from <IP> to <IP>:8080", {"ip": 2}),
        ("2001:db8:85a3::8a2e:370:7334 up", "<IP> up", {"ip": 1}),
        ("a@b.io 8.8.8.8 212-736-5000", "<EMAIL> <IP> <PHONE>", {"email": 1, "ip": 1, "phone": 1}),
    ],
)
def test_masks_and_counts(apply_to, text, masked, counts):
    document, verdict = apply_to(MaskPii(), text)
    assert (document["text"], dict(document["masked"]), verdict) == (masked, counts, None)


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4 and v10.0.19041.1 and build 6.1.7601.17514",
        "Python 3.11.7, release 1.10.100.1",
        "999.1.1.1 and 256.0.0.1 and 1.2.3.4.5 and 1.2.3",
        "2026-11-16 12:30:45, 16/11/2026, 16.11.2026, 20261116, 20261116 123045, 1999-2003",
        "$1,234,567.89 and 1,234,567 and €12345678 and 3.14159265358979",
        "pi is 3.1415926535, e 2.7182818284",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "550e8400-e29b-41d4-a716-446655440000",
        "00:1A:2B:3C:4D:5E at 12:30:45.678 in std::vector<a::b>",
        "ISBN 9780306406157 and #2127365000 and id=2127365000",
        "@handle, user@localhost, a @ b.com, 5@6",
        "scored 100-98, ratio 16:9, 1/2/3, 10 000 000 people",
        "room 1607 1107, love <3333333333, call 566-7747",
        "\U0001f600\U0001f680 שלום 123",
    ],
)
def test_leaves_what_only_looks_alike(apply_to, text):
    document, _ = apply_to(MaskPii(), text)
    assert (document["text"], document["masked"]) == (text, [])


def test_a_second_pass_finds_nothing(apply_to):
    once, _ = apply_to(MaskPii(), "a@b.io 8.8.8.8 212-736-5000")
    twice, _ = apply_to(MaskPii(), once.text)
    assert (twice.text, twice["masked"]) == (once.text, [])


def test_only_the_kinds_that_were_asked_for_are_masked(apply_to):
    document, _ = apply_to(MaskPii(kinds=("ip",)), "a@b.io 8.8.8.8")
    assert document.text == "a@b.io <IP>"


def test_national_numbers_are_those_of_the_regions(apply_to):
    text = "030 901820 and 212-736-5000"
    assert apply_to(MaskPii(phone_regions=("DE",)), text)[0].text.startswith("<PHONE> and ")
    assert (
        apply_to(MaskPii(phone_regions=()), "212-736-5000 +1 212 736 5000")[0].text == "212-736-5000 <PHONE>"
    )


def test_refuses_a_region_that_is_no_code():
    with pytest.raises(ValidationError, match="two capital letters, got usa"):
        MaskPii(phone_regions=("usa",))


@pytest.mark.parametrize("unit", ["1", "1.", "a", "a@", "a.", "@a.", ":", "a:", "1 ", "(1) ", "+1-"])
def test_a_hostile_text_takes_bounded_time(apply_to, unit):
    started = time.process_time()
    apply_to(MaskPii(), unit * 300_000)
    assert time.process_time() - started < 15


SECRET = "0123456789abcdef" * 2
WITH_KEY = Context(dataset="notes", run_key="2026-11-16", secrets={"penstock_pii": SecretStr(SECRET)})
TEXT = "Ann <ann@b.io> from 203.0.113.77, tel +44 20 7946 0018"


@pytest.fixture
def apply_with_key():
    def apply(step, text):
        from penstock.process.step import Document

        document = Document({"text": text, **dict.fromkeys(step.adds())})
        return document, step.apply(document, WITH_KEY)

    return apply


def test_an_action_for_all_and_others_by_kind(apply_with_key):
    step = MaskPii(action="mask", actions={"email": "pseudonym", "ip": "placeholder"})
    document, verdict = apply_with_key(step, TEXT)
    token = PseudonymKey(SECRET).token("email", "ann@b.io")
    assert document.text == f"Ann <{token}> from <IP>, tel +** ** **** ****"
    assert (dict(document["masked"]), verdict) == ({"email": 1, "ip": 1, "phone": 1}, None)


def test_the_same_person_has_the_same_pseudonym_in_every_document_and_run(apply_with_key):
    step = MaskPii(action="pseudonym")
    tokens = {apply_with_key(step, text)[0].text for text in ("ann@b.io", "ANN@B.IO")}
    assert len(tokens) == 1
    phones = {apply_with_key(step, text)[0].text for text in ("+12127365000", "(212) 736-5000")}
    assert len(phones) == 1


def test_a_document_that_leaves_has_placeholders_all_the_same(apply_to):
    step = MaskPii(kinds="all", actions={"secret": "drop", "us_ssn": "drop"})
    document, verdict = apply_to(step, "ann@b.io SSN 521-44-9382 and SSN 531-21-7351")
    assert verdict == Drop("pii", 2, "us_ssn")
    assert document.text == "<EMAIL> SSN <US_SSN> and SSN <US_SSN>"
    assert apply_to(step, "ann@b.io")[1] is None


def test_the_key_is_wanted_only_for_pseudonyms_and_is_not_in_the_step():
    assert MaskPii().secrets() == ()
    step = MaskPii(actions={"email": "pseudonym"}, key="other_key")
    assert step.secrets() == ("other_key",)
    assert SECRET not in step.model_dump_json() + repr(WITH_KEY) + WITH_KEY.model_dump_json()


def test_kinds_are_names_or_mappings_and_survive_json():
    step = MaskPii(kinds=["email", {"kind": "ip", "public_only": True}])
    assert [recogniser.name for recogniser in step.kinds] == ["email", "ip"]
    assert MaskPii.model_validate_json(step.model_dump_json(by_alias=True)) == step
    assert len(MaskPii(kinds="all").kinds) >= 20


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kinds": ["email", "shoe_size"]}, "shoe_size"),
        ({"kinds": ["email", "email"]}, "each kind once, got email more than once"),
        ({"actions": {"iban": "mask"}}, "expected kinds among email, phone, ip, got iban; add them to kinds"),
        ({"actions": {"email": "burn"}}, "'mask', 'placeholder', 'pseudonym' or 'drop'"),
        ({"key": "-----"}, "pattern"),
    ],
)
def test_refuses_what_it_cannot_do(wrong, message):
    with pytest.raises(ValidationError, match=message):
        MaskPii(**wrong)


def test_the_sample_column_has_the_first_find_of_each_kind_made_unreadable(apply_to):
    document, _ = apply_to(MaskPii(), f"{TEXT}, bob@c.io")
    assert document["pii_sample"] == [
        {"kind": "email", "shape": "xxx@x.xx", "left": "Ann <", "right": "> from <IP>, tel <PHONE>, <EMAIL>"},
        {
            "kind": "ip",
            "shape": "999.9.999.99",
            "left": "Ann <<EMAIL>> from ",
            "right": ", tel <PHONE>, <EMAIL>",
        },
        {
            "kind": "phone",
            "shape": "+99 99 9999 9999",
            "left": "Ann <<EMAIL>> from <IP>, tel ",
            "right": ", <EMAIL>",
        },
    ]
    assert "pii_sample" not in MaskPii(sample=False).adds()
    pa.array([document["pii_sample"]], type=MaskPii().adds()["pii_sample"])


def test_a_batch_is_as_its_documents(run_fused, raw_of):
    texts = [
        TEXT,
        None,
        "",
        "nothing",
        "a@b.io \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "x\x00 8.8.8.8",
    ]
    table = run_fused([MaskPii()], raw_of(texts))
    alone = [run_fused([MaskPii()], raw_of([text])).to_pylist()[0] for text in texts]
    together = table.to_pylist()
    for one, other in zip(alone, together, strict=True):
        assert (one["text"], one["masked"], one["pii_sample"]) == (
            other["text"],
            other["masked"],
            other["pii_sample"],
        )
    assert together[1]["text"] is None


def test_an_editor_takes_names_and_mappings():
    schema = MaskPii.model_json_schema()["properties"]["kinds"]
    assert {option["type"] for option in schema["anyOf"]} == {"string", "array"}
    assert schema["default"] == ["email", "phone", "ip"]


@pytest.mark.parametrize(
    ("step", "text", "masked"),
    [
        (MaskPii(definition="datatrove"), "a@b.io", "email@example.com"),
        (MaskPii(phone_regions=("DE",)), "030 901820, 212-736-5000", "<PHONE>, 212-736-5000"),
        (MaskPii(phone_regions=()), "020 7946 0018", "020 7946 0018"),
        (
            MaskPii(kinds=({"kind": "phone", "regions": ["DE"]},)),
            "030 901820, 212-736-5000",
            "<PHONE>, 212-736-5000",
        ),
        (MaskPii(kinds="all", action="mask"), "a@b.io", "*@*.**"),
    ],
)
def test_a_step_does_the_same_where_spark_builds_it_again(run_fused, raw_of, step, text, masked):
    assert run_fused([step], raw_of([text])).to_pylist()[0]["text"] == masked


def test_two_steps_count_together(run_fused, raw_of):
    steps = [MaskPii(definition="datatrove"), MaskPii(kinds=("phone",)), MaskPii(kinds=("ip",))]
    rows = run_fused(
        steps, raw_of(["a@b.io 8.8.8.8 212-736-5000 2001:db8:85a3::8a2e:370:7334", "x"])
    ).to_pylist()
    assert [dict(row["masked"]) for row in rows] == [{"email": 1, "ip": 3, "phone": 1}, {}]
    assert [note["kind"] for note in rows[0]["pii_sample"]] == ["phone", "ip"]
