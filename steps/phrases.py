"""How the sentences of the features are taken apart.

`{who}` is a name such as Alice, `"{title}"` any text between quotes, `{number:d}` an integer. All
of them match as little as a reader would expect, so that no sentence matches two definitions.
"""

import parse
from pytest_bdd import parsers


@parse.with_pattern(r"[A-Z][a-z]+")
def _name(text: str) -> str:
    return text


@parse.with_pattern(r'[^"]*')
def _text(text: str) -> str:
    return text


@parse.with_pattern(r"[\d,]+")
def _number(text: str) -> int:
    return int(text.replace(",", ""))


@parse.with_pattern(
    r"(?:no|an empty|null for a|a number for a|true for a|a list for a|an object for a) "
    r"(?:title|description)|a (?:title|description) (?:of|that) .+(?<! for a body)"
)
def _described(text: str) -> str:
    return text


@parse.with_pattern("renames|replaces with the same|completes and reopens|completes")
def _change(text: str) -> str:
    return text


@parse.with_pattern("[A-Z]+")
def _method(text: str) -> str:
    return text


@parse.with_pattern(r"[A-Z]+ /\S*(?:, [A-Z]+ /\S*)*")
def _probes(text: str) -> str:
    return text


@parse.with_pattern(r"\d+(?:, \d+)*(?: and \d+)?")
def _statuses(text: str) -> str:
    return text


@parse.with_pattern(r"[^,]+, .+|her own id .+")
def _attack(text: str) -> str:
    return text


@parse.with_pattern(r'"[^"]*"(?:, "[^"]*")*')
def _quoted(text: str) -> str:
    return text


@parse.with_pattern(r"\S+")
def _word(text: str) -> str:
    return text


@parse.with_pattern(r"a (?:JWT secret|database URL|CORS origin) that is (?!32 bytes).+")
def _state(text: str) -> str:
    return text


def phrase(sentence: str) -> parsers.parse:
    """Return the matcher of a step's sentence."""
    typed = sentence.replace("{who}", "{who:Name}").replace("{other}", "{other:Name}")
    for field in ("title", "description", "text", "operation", "first", "second", "third"):
        typed = typed.replace(f'"{{{field}}}"', f'"{{{field}:Text}}"')
    types = {
        "Name": _name,
        "Text": _text,
        "Number": _number,
        "Described": _described,
        "Change": _change,
        "Method": _method,
        "Probes": _probes,
        "Statuses": _statuses,
        "Attack": _attack,
        "Quoted": _quoted,
        "Word": _word,
        "State": _state,
    }
    return parsers.parse(typed, extra_types=types, case_sensitive=True)
