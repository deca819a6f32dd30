"""YAML means what it looks like, and cannot do more than JSON could."""

import pytest

from netmend.sandbox.automation import Document, DocumentError

HEAD = """
schemaVersion: '0.3'
mainSteps:
  - name: call
    action: aws:executeAwsApi
    inputs:
      Service: ec2
      Api: DescribeVpcs
"""

SCALARS = {
    "an account id with a leading zero": ("012345678901", "012345678901"),
    "two numbers with a colon": ("22:22", "22:22"),
    "on": ("on", "on"),
    "yes": ("yes", "yes"),
    "a date": ("2026-01-01", "2026-01-01"),
    "an underscore in digits": ("1_000", "1_000"),
    "hexadecimal": ("0x10", "0x10"),
    "a whole number": ("80", 80),
    "a negative number": ("-1", -1),
    "a fraction": ("0.5", 0.5),
    "a version": ("1.2.3", "1.2.3"),
    "true": ("true", True),
    "False": ("False", False),
    "null": ("null", None),
    "nothing": ("", None),
    "a quoted number": ("'80'", "80"),
    "a merge key's sign": ("<<", "<<"),
    "a list": ("[a, 1, true]", ["a", 1, True]),
}


@pytest.mark.parametrize(("written", "read"), SCALARS.values(), ids=SCALARS)
def test_a_scalar_is_read_as_it_looks(written, read):
    document = Document.parse(f"{HEAD}      Value: {written}\n", "YAML")
    value = document.steps[0].inputs["Value"]
    assert value == read
    assert type(value) is type(read)


def test_a_key_is_text_whatever_it_looks_like():
    document = Document.parse(f"{HEAD}      Map: {{1: a, true: b, on: c}}\n", "YAML")
    assert document.steps[0].inputs["Map"] == {"1": "a", "true": "b", "on": "c"}


def test_a_schema_version_without_quotes_is_taken():
    assert Document.parse(HEAD.replace("'0.3'", "0.3"), "YAML").steps


LAUGHS = "      a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"      {b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
    for a, b in zip("abcdef", "bcdefg", strict=True)
)

HOSTILE = {
    "a Python object": "      Value: !!python/object/apply:os.system ['true']\n",
    "a set": "      Value: !!set {a, b}\n",
    "bytes": "      Value: !!binary aGk=\n",
    "a timestamp by tag": "      Value: !!timestamp 2026-01-01\n",
    "aliases that blow up": LAUGHS,
    "an alias to itself": "      Value: &v [*v]\n",
    "an alias to nothing": "      Value: *v\n",
    "brackets without end": "      Value: " + "[" * 30_000 + "\n",
    "more levels than any document has": "      Value: " + "[" * 120 + "]" * 120 + "\n",
    "a key twice": "      Service: ec2\n",
    "a map as a key": "      ? {a: b}\n      : c\n",
    "two documents": "---\nschemaVersion: '0.3'\n",
    "a control character": "      Value: \x01\n",
    "no map": None,
}


@pytest.mark.parametrize("tail", HOSTILE.values(), ids=HOSTILE)
def test_hostile_yaml_is_refused(tail):
    with pytest.raises(DocumentError) as refusal:
        Document.parse("- x" if tail is None else HEAD + tail, "YAML")
    assert refusal.value.code == "InvalidDocumentContent"


def test_an_alias_of_ordinary_size_is_read():
    document = Document.parse(f"{HEAD}      One: &a [x]\n      Two: *a\n", "YAML")
    assert document.steps[0].inputs["Two"] == ["x"]
