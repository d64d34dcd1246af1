"""A spec is split into blocks with their lines, without losing text."""

from __future__ import annotations

from traceability.project.markdown_blocks import Block, blocks

SPEC = """\
# Title #

A paragraph
of two lines.
<!-- not
shown -->
- **FR-001**: The shop MUST
  sell `cake`.
  - and more
2. second
---
| a | b |
| --- | --- |

```sh
# no heading

- no item
```
   ***
"""


def test_every_kind_of_block() -> None:
    assert list(blocks(SPEC)) == [
        Block("heading", 1, "Title", 1),
        Block("paragraph", 3, "A paragraph of two lines."),
        Block("item", 7, "**FR-001**: The shop MUST sell `cake`.", 0, "-"),
        Block("item", 9, "and more", 2, "-"),
        Block("item", 10, "second", 0, "2."),
        Block("table", 12, "| a | b |\n| --- | --- |"),
        Block("code", 15, "# no heading\n\n- no item"),
    ]


def test_empty_text_has_no_blocks() -> None:
    assert list(blocks("")) == list(blocks("\n \n")) == []


def test_unclosed_code_fence_goes_on_to_the_end() -> None:
    assert list(blocks("```\na\n\nb")) == [Block("code", 1, "a\n\nb")]
