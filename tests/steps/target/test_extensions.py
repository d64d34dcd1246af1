"""The sentence for an extension that a schema needs and the database does not have."""

from __future__ import annotations

import pytest

from steps.target.started.extensions import extension_sentence


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ('ERROR:  extension "uuid-ossp" is not available', "uuid-ossp"),
        ('could not open "/share/extension/citext.control": No such file or directory', "citext"),
        ("function uuid_generate_v4() does not exist", "uuid-ossp"),
        ("function gen_random_bytes(integer) does not exist", "pgcrypto"),
    ],
)
def test_the_extension_and_what_to_do_are_named(output: str, name: str) -> None:
    sentence = extension_sentence(f"Traceback\n{output}\n", "embedded")
    assert f"needs the extension {name}, which" in sentence
    assert "--database" in sentence


def test_other_errors_name_no_extension() -> None:
    assert extension_sentence('relation "users" does not exist', "embedded") == ""
