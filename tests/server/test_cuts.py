"""The sum of the cuts is that of all files, by way and event loop."""

import json
from pathlib import Path

from tests.server.cuts import Cuts, remember, table


def cuts(operation: str, how: str, loop: str, count: int) -> Cuts:
    return {"operation": operation, "how": how, "loop": loop, "cuts": count}


def test_cuts_of_all_operations_are_added_up(tmp_path: Path) -> None:
    found = [
        cuts("get", "FIN", "uvloop", 700),
        cuts("list", "FIN", "uvloop", 800),
        cuts("get", "silence", "uvloop", 5),
    ]
    assert table(found).splitlines() == [
        "FIN      uvloop     2 operations   1,500 cuts",
        "silence  uvloop     1 operations       5 cuts",
        "all                 2 operations   1,505 cuts",
    ]
    for one in found:
        remember(one, tmp_path)
    assert sorted(map(json.dumps, found)) == sorted(one.read_text() for one in tmp_path.iterdir())
