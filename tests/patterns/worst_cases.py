"""For every pattern: who can give it what, and the inputs on which it has the most to do.

The key is the file and the name of the pattern, or its code where it has no name in the module.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.patterns.cpu_limit import SIZE


@dataclass(frozen=True)
class Worst:
    """How a pattern is used, and its worst inputs."""

    use: str
    """Method of the pattern that the code calls; `search` stands for `sub`, `split`, `findall`."""
    reached_by: str
    """Whose text it is."""
    inputs: tuple[tuple[str, str, str], ...]
    """What stands before, what is repeated, and what stands behind."""

    def texts(self, size: int = SIZE) -> list[str]:
        return [
            before + repeated * (size // len(repeated)) + behind
            for before, repeated, behind in self.inputs
        ]


PATH = "the path of any request, before a token is checked"
HEAD = "the head of any request, before a token is checked"
SPEC = "a line of the spec"
LOG = "the log of the server that is judged"
ANSWER = "the answer of the server that is judged"
FEATURE = "a sentence of a feature"
SOURCE = "the source of the server that is judged"
TARGET = "a target file"
EVIDENCE = "the evidence file of a run"
CODE = "a source file of the project"
OPERATOR = "the environment of the server"
CASES = "a file of cases of the project"
VARIABLES = "the names in the environment of a run"

WORST: dict[str, Worst] = {
    "steps/http/error_fields.py _WORD_GAP": Worst(
        "search", ANSWER, (("", " ", "a"), ("", "a_", "!"), ("", "a", ""))
    ),
    "steps/http/error_fields.py _PARTS": Worst(
        "search", ANSWER, (("", ".", "a"), ("", "a/", "!"), ("", "a", ""))
    ),
    "steps/scenario/identities.py _UUID": Worst(
        "fullmatch", ANSWER, (("", "a", "!"), ("", "8e1b9f0c-", "!"), ("", "5b7d-", "!"))
    ),
    "server/__main__.py REFUSALS": Worst(
        "search",
        "what PostgreSQL says of a connection",
        (("", 'role "', ""), ("", 'database "x', '" does not')),
    ),
    "server/database_url.py '-?\\\\d{1,9}'": Worst(
        "fullmatch",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/database_url.py '[\\\\x00-\\\\x20\\\\x7f]'": Worst(
        "search",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/database_url.py '\\\\d{0,5}'": Worst(
        "fullmatch",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/database_url.py 'invalid URI query parameter: \"(\\\\w+)\"'": Worst(
        "search",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/database_url.py SCHEME": Worst(
        "match", OPERATOR, (("postgresql+", "a", ""), ("", "postgres", ""))
    ),
    "server/secret.py '\\\\\\\\n|\\\\s|='": Worst(
        "search",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/secret.py KEY_TEXT": Worst(
        "search",
        OPERATOR,
        (
            ("", "ecdsa-sha2-nistp", ""),
            ("ecdsa-sha2-nistp", "1", "!"),
            ("", "---- ", ""),
            ('"kty"', " ", "!"),
        ),
    ),
    "server/host.py LABEL": Worst(
        "fullmatch", OPERATOR, (("", "a", "!"), ("", "-", ""), ("", "a-", "!"))
    ),
    "server/settings.py '%(?![0-9A-Fa-f]{2})'": Worst(
        "search", OPERATOR, (("", "%a", ""), ("", "%41", ""), ("", "a", "%"))
    ),
    "server/settings.py '[!-~]+'": Worst(
        "fullmatch",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/settings.py '[\\ud800-\\udfff]'": Worst(
        "search",
        OPERATOR,
        (("", "a", "!"), ("", "1", "!"), ("", 'invalid URI query parameter: "a', "")),
    ),
    "server/logged_path.py DOT": Worst(
        "search", PATH, (("", "%", ""), ("%", "25", ""), ("", "%25", "2"))
    ),
    "server/logged_path.py RUN": Worst(
        "search",
        PATH,
        (
            ("", "a", "!"),
            ("", "a.", "!"),
            ("", "a=", "!"),
            ("", "%61", "%"),
            ("", "a%2E", "%"),
            ("a%", "25", "!"),
            ("", "%25", ""),
            ("", "eyJ.", ""),
            ("a", "%3D", "!"),
        ),
    ),
    "server/logged_path.py REPEATED": Worst("search", PATH, (("%", "25", "x"), ("", "%", ""))),
    "server/logged_path.py HEADER": Worst("search", PATH, (("", "eyJ", "."), ("", "eyJaaaa.", ""))),
    "server/http_head.py METHOD": Worst("match", HEAD, (("", "a", ""),)),
    "server/http_head.py REQUEST_LINE": Worst(
        "match",
        HEAD,
        (("GET ", "a", ""), ("", "a", " "), ("", "GET ", ""), ("GET ", "/ HTTP/1.1", "!")),
    ),
    "server/http_head.py UPGRADE": Worst(
        "search",
        HEAD,
        (("", "\r\nupgrade:", ""), ("", "\r\nupgrade", ""), ("", "\r\n", ""), ("", "\r", "")),
    ),
    "server/http_head.py HOST": Worst(
        "fullmatch",
        "the Host of any request",
        (("", "a", "!:x"), ("", ":1", ""), ("[", ":", ""), ("a:", "1", "x"), ("", "a:", "")),
    ),
    "server/http_protocol.py REQUEST_LINE": Worst(
        "match", HEAD, (("", "a", ""), ("a ", "a", "\n"), ("", "a ", ""))
    ),
    "server/http_protocol.py FIELD": Worst(
        "fullmatch",
        "the trailer of any request",
        (("", "a", ""), ("a:", "a", "\n"), ("", "a:", "\n")),
    ),
    "server/http_protocol.py EMPTY_LINES": Worst(
        "match", HEAD, (("", "\r\n", "\r"), ("", "\r", ""))
    ),
    "server/http_protocol.py ORIGIN": Worst(
        "search",
        HEAD,
        (
            ("\r\norigin:", " ", "\n"),
            ("", "\r\norigin", ""),
            ("", "\r\n", ""),
            ("\r\norigin:", " \t", "\n"),
            ("", "\r\norigin: ", ""),
        ),
    ),
    "server/settings.py ORIGIN": Worst(
        "fullmatch",
        OPERATOR,
        (
            ("http://", "a", "!"),
            ("http://", "a.", "!"),
            ("http://", "a", ":1"),
            ("http://", ":80", "!"),
            ("http://[", ":", "!"),
        ),
    ),
    "server/tokens.py BEARER": Worst(
        "fullmatch",
        "the Authorization header of any request",
        (("bearer ", " ", "!"), ("bearer ", "a", "!"), ("bearer a", "=", "!")),
    ),
    "server/tokens.py '^[^\\\\x00]+$'": Worst(
        "search", "the subject of a signed token", (("", "a", "\0"), ("", "\n", "\0"))
    ),
    "server/schemas.py TITLE": Worst(
        "search",
        "whoever checks a body by the published contract",
        (("", " ", "\0"), ("a" * 200, " ", "\0"), ("", "a ", "\0"), ("", "a", "\0")),
    ),
    "server/schemas.py '^[^\\\\u0000]*$'": Worst(
        "search", "whoever checks a body by the published contract", (("", "a", "\0"),)
    ),
    "steps/definitions/inspection/own_description.py '{\\\\w+}'": Worst(
        "search", ANSWER, (("", "{", ""), ("{", "a", ""), ("", "{a", ""))
    ),
    "steps/definitions/inspection/server_log.py "
    "f'{answer.status}|unauthorized|forbidden|denied|failed'": Worst(
        "search",
        "the log of the server that is judged",
        (("", "faile", ""), ("", "unauthorize", "")),
    ),
    "steps/http/issued_token.py '[^a-z]'": Worst("search", ANSWER, (("", "A", ""), ("", "a", ""))),
    "steps/scenario/log_lines.py COLOUR": Worst(
        "search", LOG, (("", "\x1b[", ""), ("\x1b[", "1;", ""), ("", "\x1b[1", ""))
    ),
    "steps/scenario/log_lines.py IDENTITY": Worst(
        "fullmatch", LOG, (("", "a", "!"), ("", "1", "!"), ("", "a1", "!"))
    ),
    "steps/scenario/log_lines.py NAMES_FAILURE": Worst(
        "search", LOG, (("", "aut", ""), ("", "40", ""), ("", "not ", ""), ("", "den", ""))
    ),
    "steps/scenario/log_lines.py STATUS_WITH_PHRASE": Worst(
        "search", LOG, (("", "401 ", ""), ("401", " ", "x"), ("", "401 Not ", ""))
    ),
    "steps/scenario/log_lines.py WORD": Worst("search", LOG, (("", "a", "!"), ("", "a ", ""))),
    "steps/scenario/out_of_scope/names.py '[^a-z0-9]'": Worst(
        "search", ANSWER, (("", "-", ""), ("", "a", ""))
    ),
    "steps/scenario/out_of_scope/names.py '\\\\{[^{}]*\\\\}|(?<=/):\\\\w+'": Worst(
        "search", ANSWER, (("", "{", ""), ("{", "a", ""), ("", "/:a", ""), ("/:", "a", "!"))
    ),
    "steps/scenario/out_of_scope/search.py '/v[0-9]+(/|$)'": Worst(
        "search", ANSWER, (("/v", "1", "!"), ("", "/v1", ""))
    ),
    "steps/scenario/out_of_scope/search.py '/v[0-9]+(?=/|$)'": Worst(
        "search", ANSWER, (("/v", "1", "!"), ("", "/v1", ""))
    ),
    "steps/scenario/out_of_scope/search.py '[0-9]+'": Worst(
        "search", ANSWER, (("", "1", "!"), ("", "1a", ""))
    ),
    "steps/scenario/out_of_scope/search.py '\\\\{([^{}]*)\\\\}'": Worst(
        "search", ANSWER, (("", "{", ""), ("{", "a", ""))
    ),
    "steps/scenario/out_of_scope/search.py '^https?://[^/]*'": Worst(
        "search", ANSWER, (("http://", "a", ""), ("", "http", ""))
    ),
    "steps/scenario/out_of_scope/search.py 'sign.?up|regist'": Worst(
        "search", ANSWER, (("", "sign", ""), ("", "regis", ""))
    ),
    "steps/scenario/source_literals.py ABOUT_TOKENS": Worst(
        "search", SOURCE, (("", "toke", ""), ("", "authori", ""))
    ),
    "steps/scenario/source_literals.py LIKE_A_SECRET": Worst(
        "fullmatch", SOURCE, (("", "a", ""), ("", "a", " "))
    ),
    "steps/scenario/source_literals.py SUSPICIOUS": Worst(
        "search", SOURCE, (("", "tes", ""), ("", "byp", ""))
    ),
    "steps/scenario/source_literals.py TEXT": Worst(
        "search", SOURCE, (('"', "a", ""), ("", "\"'", ""), ("", '\\\\"', ""), ("", '"aaa`', ""))
    ),
    "steps/definitions/task_changes.py HARMFUL_SQL": Worst("search", FEATURE, (("", "dro", ""),)),
    "steps/definitions/then/answers.py '\\\\d+'": Worst("search", FEATURE, (("", "1", ""),)),
    "steps/definitions/then/disclosure.py JWT": Worst(
        "search",
        ANSWER,
        (
            ("", "eyJ", ""),
            ("", "eyJaaaaaaaa.", ""),
            ("", "aaaaaaaa.", ""),
            ("", "a", "."),
            ("", "eyJaaaaaaaa.aaaaaaaa.", ""),
            ("", "eyJ.", ""),
        ),
    ),
    "steps/definitions/then/disclosure.py INTERNAL_DETAIL": Worst(
        "search",
        ANSWER,
        (
            ("", "select ", ""),
            ("", "select \n", ""),
            ("select ", " fro", ""),
            ("", "line 1", ""),
            ("line ", "1", ""),
            ("port ", "x", ""),
            ("", "a", ""),
        ),
    ),
    "steps/definitions/then/disclosure.py PUBLIC_PAGE": Worst(
        "search", ANSWER, (("", "https://errors.pydantic.dev/", ""), ("", "https://errors.", ""))
    ),
    "steps/definitions/then/disclosure.py ', | or '": Worst("search", FEATURE, (("", " o", ""),)),
    "steps/definitions/then/errors.py WRONG_SIGNATURE": Worst(
        "search", ANSWER, (("", "not be verifie", ""), ("", "un", ""))
    ),
    "steps/definitions/then/errors.py NO_ACCOUNT": Worst(
        "search", ANSWER, (("", "not foun", ""), ("", "n't ", ""), ("", "no ", ""))
    ),
    'steps/definitions/then/lists.py \'"([^"]*)"\'': Worst(
        "search", FEATURE, (('"', "a", ""), ("", '"', ""), ('"', '" "', ""))
    ),
    "steps/definitions/then/task_fields.py RFC_3339_UTC": Worst(
        "fullmatch", ANSWER, (("2026-01-01T00:00:00.", "1", "x"),)
    ),
    "steps/definitions/then/task_fields.py UUID": Worst("fullmatch", ANSWER, (("", "0000-", ""),)),
    "steps/definitions/then/task_fields.py ', | and '": Worst(
        "search", FEATURE, (("", " an", ""),)
    ),
    'steps/definitions/users_and_tasks.py \'"([^"]*)"\'': Worst(
        "search", FEATURE, (('"', "a", ""), ("", '"', ""))
    ),
    "steps/endurance/checker.py NUMBER": Worst(
        "match",
        "a row that the server under load has stored",
        (
            ("", "a", ""),
            ("", "a title ", ""),
            ("a title ", "1", "x"),
            ("a title 1 of ", "a", " "),
            ("", "title", " title"),
        ),
    ),
    "steps/endurance/corpora/placeholders.py PLACEHOLDER": Worst(
        "search", CASES, (("", "${", ""), ("", "${a", ""), ("${", "a", ""), ("${", "$", "{"))
    ),
    "steps/endurance/corpora/placeholders.py REPEATED": Worst(
        "fullmatch",
        CASES,
        (("", "*", ""), ("", "*1", "x"), ("a*", "1", "x"), ("", "a*", ""), ("", "1", "*")),
    ),
    "steps/endurance/corpora/sql_cases.py '[0-9A-Z]{5}'": Worst(
        "fullmatch", CASES, (("", "A", ""), ("", "1", "\n"))
    ),
    "steps/endurance/corpora/sql_cases.py '\\\\s*COPY\\\\b.*\\\\bTO STDOUT'": Worst(
        "match",
        CASES,
        (
            ("", " ", "x"),
            ("", "COPY ", ""),
            ("COPY", " ", ""),
            ("COPY ", "TO STDOU", ""),
            ("COPY ", " TO", " STDOU"),
        ),
    ),
    "steps/endurance/corpora/token_cases.py NOW": Worst(
        "search", CASES, (("", "${now", ""), ("${now+", "1", "x"), ("", "${now-1", ""))
    ),
    "steps/endurance/http_client.py LENGTH": Worst(
        "search",
        ANSWER,
        (("", "\r\ncontent-length: ", ""), ("\r\ncontent-length:", " ", "x"), ("", "\r\n", "")),
    ),
    "steps/endurance/http_client.py CHUNKED": Worst(
        "search",
        ANSWER,
        (
            ("", "\r\ntransfer-encoding: chunke", ""),
            ("\r\ntransfer-encoding:", " ", "x"),
            ("", "\r\n", ""),
        ),
    ),
    "steps/endurance/http_client.py CLOSE": Worst(
        "search",
        ANSWER,
        (("", "\r\nconnection: clos", ""), ("\r\nconnection:", " ", "x"), ("", "\r\n", "")),
    ),
    "steps/endurance/report.py '[^a-z0-9]+'": Worst(
        "search", "our name of a fault", (("", "-", ""), ("", "-a", ""))
    ),
    "steps/http/client.py '[a-z]*'": Worst("fullmatch", FEATURE, (("", "a", "!"),)),
    "steps/http/raw_request.py '[0-9]{3}'": Worst("fullmatch", ANSWER, (("", "1", ""),)),
    "steps/postgres/existing_server.py SESSION_VARIABLES": Worst(
        "fullmatch", VARIABLES, (("", "PG", ""), ("PGTZ", "A", ""), ("", "PGOPTIONS", ""))
    ),
    "steps/postgres/existing_server.py ADDRESS_VARIABLES": Worst(
        "fullmatch", VARIABLES, (("", "PG", ""), ("PGHOST", "A", ""), ("", "PGSERVICE", ""))
    ),
    "steps/process/interpreter.py INTERPRETER": Worst("fullmatch", TARGET, (("python", "3", "x"),)),
    "steps/run/ending.py RESOURCE_TROUBLE": Worst(
        "search",
        "the log of the server that is judged",
        (("", "already ", "x"), ("", "pid ", "x"), ("", "lock", "x"), ("", "-lock ", "x")),
    ),
    "steps/run/series/servers.py '[\\\\x00-\\\\x1f\\\\x7f-\\\\x9f]'": Worst(
        "search", TARGET, (("", "a", "!"),)
    ),
    "steps/scenario/bodies.py 'a (title|description) (that .+)'": Worst(
        "fullmatch", FEATURE, (("a title that ", "a", "\n"),)
    ),
    "steps/scenario/bodies.py 'a title of (.+)'": Worst(
        "fullmatch", FEATURE, (("a title of ", "a", "\n"),)
    ),
    "steps/scenario/bodies.py 'a description of (.+)'": Worst(
        "fullmatch", FEATURE, (("a description of ", "a", "\n"),)
    ),
    "steps/scenario/bodies.py f'{start} (title|description)'": Worst(
        "fullmatch", FEATURE, (("no ", "title", ""),)
    ),
    "steps/scenario/phrases.py '{(who|other)}'": Worst("search", "our step", (("", "{who", ""),)),
    "steps/scenario/phrases.py '\"{(\\\\w+)}\"'": Worst(
        "search", "our step", (('"{', "a", ""), ("", '"{a', ""))
    ),
    "steps/scenario/source_search.py SECRET_NAMES": Worst(
        "search", SOURCE, (("", "privat", ""), ("", "signing_", ""))
    ),
    "steps/scenario/source_search.py CONNECTION": Worst(
        "fullmatch", SOURCE, (("mysql+", "a", ""), ("mysql://", "a", " "))
    ),
    "steps/scenario/source_search.py SQL": Worst(
        "search",
        SOURCE,
        (
            ("", "select ", ""),
            ("", "update ", ""),
            ("", "insert ", ""),
            ("insert", " ", ""),
            ("", "select update ", ""),
            ("select ", " from", "x"),
            ("", " ", ""),
            ("", "a", ""),
            ("", "insert\n", ""),
            ("select a", " se", " set"),
        ),
    ),
    "steps/scenario/source_search.py '\\\\S{8,}'": Worst("fullmatch", SOURCE, (("", "a", " "),)),
    "steps/scenario/token_defects.py 'a token that expired (.+)'": Worst(
        "fullmatch", FEATURE, (("a token that expired ", "a", "\n"),)
    ),
    "steps/surroundings.py LIBPQ": Worst(
        "fullmatch",
        VARIABLES,
        (("PG", "A", "!"), ("PG_", "A", "_"), ("PGA", "_A", "!"), ("PGA", "_AA", "_")),
    ),
    "steps/surroundings.py PYTEST": Worst(
        "fullmatch", VARIABLES, (("", "PYTEST_", ""), ("PYTEST_", "THEME_MODE", ""))
    ),
    "steps/surroundings.py GIT": Worst(
        "fullmatch", VARIABLES, (("", "GIT_", ""), ("GIT_", "DIR", ""))
    ),
    "steps/http/layout.py SPEC_PATH": Worst(
        "fullmatch",
        FEATURE,
        (("/api/", "a", ""), ("/api/a/tasks/", "a", ""), ("/api/a/tasks", "/complete", "\n")),
    ),
    "steps/target/columns.py TABLE_NAMES": Worst(
        "fullmatch", SOURCE, (("", "task", "!"), ("", "_", ""), ("user_task", "items", ""))
    ),
    "steps/target/description/checks.py '/[!-~]*'": Worst("fullmatch", TARGET, (("/", "a", " "),)),
    "steps/target/description/checks.py '[A-Z]+'": Worst("fullmatch", TARGET, (("", "A", "a"),)),
    "steps/target/description/placeholders.py SCHEME": Worst(
        "fullmatch", TARGET, (("", "a", " "), ("", "a+", " "))
    ),
    "steps/target/started/extensions.py UNAVAILABLE": Worst(
        "search", SOURCE, (("", 'extension "', ""), ('extension "', "a", ""), ("", "/a", ""))
    ),
    "steps/target/started/extensions.py UUID_FUNCTION": Worst(
        "search", SOURCE, (("", "function uuid_generate_v4(", ""), ("function uuid_nil", "a", ""))
    ),
    "steps/target/started/extensions.py CRYPTO_FUNCTION": Worst(
        "search", SOURCE, (("", "function crypt(", ""), ("function digest(", "a", ""))
    ),
    "steps/target/started/extensions.py CITEXT": Worst(
        "search", SOURCE, (("", 'type "citext" ', ""),)
    ),
    "steps/target/description/tables.py '^[A-Z_]+='": Worst(
        "search", TARGET, (("", "A", ""), ("", "_", "a="), ("", "A=", ""), ("", "\n", "A="))
    ),
    "steps/target/description/checks.py '%\\\\(([^)\\\\n]*+)(\\\\)?)'": Worst(
        "search", TARGET, (("", "%(", ""), ("", "%(\n", ""), ("%(", "a", ""))
    ),
    'steps/target/description/checks.py "[!#$%&\'*+.^_`|~0-9A-Za-z-]+"': Worst(
        "fullmatch", TARGET, (("", "a", " "),)
    ),
    "steps/target/description/checks.py 'https?://[^/\\\\s?#]\\\\S*'": Worst(
        "fullmatch", TARGET, (("http://", "a", " "),)
    ),
    "traceability/evidence/known_tokens.py LONG_WORD": Worst(
        "search", ANSWER, (("", "a", ""), ("", "aaaaaaaaaaa.", ""))
    ),
    "traceability/evidence/redaction.py POSSIBLE_JWT": Worst(
        "search", ANSWER, (("", "a", ""), ("", "a.", ""), ("", "a=", ""), ("a", "=", ""))
    ),
    "traceability/evidence/redaction.py SPELLED": Worst(
        "search", ANSWER, (("", "%25", ""), ("%", "25", ""), ("", "\\u00", ""))
    ),
    "traceability/evidence/redaction.py SPELLED_JWT": Worst(
        "search",
        ANSWER,
        (
            ("", "a", ""),
            ("", "%61", "%"),
            ("", "%25", ""),
            ("a%", "25", ""),
            ("", "a%3D", ""),
            ("", "a%2E", ""),
            ("", "\\u0061", "\\"),
            ("", "\\", ""),
        ),
    ),
    "traceability/evidence/redaction.py JSON_BEGINS": Worst("search", ANSWER, (("", "ey", ""),)),
    "traceability/evidence/redaction.py '[^\\\\w@:+-]'": Worst("search", ANSWER, (("", "a.", ""),)),
    "traceability/evidence/redaction.py '[A-Za-z][A-Za-z0-9-]{0,19}'": Worst(
        "fullmatch", ANSWER, (("", "a", ""),)
    ),
    "traceability/matrix/difference.py _NUMBER": Worst(
        "search", EVIDENCE, (("", "1", "a"), ("", "1.", "a"), ("1.", "1", "a"), ("", "1 ", ""))
    ),
    "traceability/matrix/read.py _CONTROL": Worst("search", EVIDENCE, (("", "\x01", ""),)),
    "traceability/project/claims.py _CLAIM": Worst(
        "match", CODE, (("", " ", "x"), ("implements", " ", "x"), ("", "implements ", ""))
    ),
    "traceability/project/claims.py _ID": Worst(
        "fullmatch", CODE, (("", "A", ""), ("US", "1", ""), ("FR-", "1", "x"))
    ),
    "traceability/project/emphasis.py _BACKTICKS": Worst("search", SPEC, (("", "`", ""),)),
    "traceability/project/emphasis.py _OPENING": Worst("search", SPEC, (("", "a_", ""),)),
    "traceability/project/emphasis.py '(?<=\\\\S)\\\\*\\\\*\\\\*'": Worst(
        "search", SPEC, (("", " **", ""), ("", " ***", ""))
    ),
    "traceability/project/emphasis.py '(?<=\\\\S)\\\\*\\\\*'": Worst(
        "search", SPEC, (("", " *", ""), ("", "*", ""))
    ),
    "traceability/project/emphasis.py '(?<=\\\\S)\\\\*'": Worst("search", SPEC, (("", " *", ""),)),
    "traceability/project/emphasis.py '(?<=\\\\S)__(?!\\\\w)'": Worst(
        "search", SPEC, (("", "_", "a"), ("", "a__a", ""))
    ),
    "traceability/project/emphasis.py '(?<=\\\\S)_(?!\\\\w)'": Worst(
        "search", SPEC, (("", "_", "a"), ("", "_a", ""))
    ),
    "traceability/project/markdown_blocks.py _FENCE": Worst(
        "match", SPEC, (("", " ", "x"), ("", "`", ""), ("", "~", "`"))
    ),
    "traceability/project/markdown_blocks.py _ITEM": Worst(
        "match", SPEC, (("", " ", "x"), ("", "1", "x"), ("-", " ", "x"), (" ", "- ", ""))
    ),
    "traceability/project/markdown_blocks.py _RULE": Worst(
        "match", SPEC, (("", "-", "x"), ("", "- ", "x"), ("- - -", " ", "x"), ("-", " ", "x"))
    ),
    "traceability/project/markdown_blocks.py _TABLE": Worst("match", SPEC, (("", " ", "x"),)),
    "traceability/project/source.py NOT_EXECUTABLE": Worst(
        "search",
        CODE,
        (
            ("", "\n", "x"),
            ("def ", ")", ""),
            ("def ", ")->", ""),
            ("def ", "):", ""),
            ("def ", ")->:", ""),
            ("def a():", "\n", "x"),
            ("", "#", ""),
            ("#", " ", "x"),
            ("#pragma", "\n", "x"),
            ("def a)->", ":...", "x"),
            ("", " ", "x"),
            ("", "]\n", ""),
        ),
    ),
    "traceability/project/spec_items.py _HEADING": Worst(
        "match", SPEC, (("# ", " ", "x"), ("# a", " #", "x"), ("# ", "#", "x"), ("", "#", ""))
    ),
    "traceability/project/spec_items.py _FENCE": Worst(
        "match", SPEC, (("", " ", "x"), ("- ", " ", "x"), (" ", "1", "x"), ("", "`", ""))
    ),
    "traceability/project/spec_items.py _ITEM": Worst(
        "match", SPEC, (("", " ", "x"), ("", "1", "x"), ("-", " ", "x"))
    ),
    "traceability/project/spec_items.py _BOLD": Worst(
        "match", SPEC, (("**", " ", ""), ("**", "a", "*"), ("**a**", " ", "x"), ("", "*", ""))
    ),
    "traceability/project/spec.py _ID": Worst(
        "fullmatch", SPEC, (("", "A", ""), ("US", "1", ""), ("FR-", "1", ""))
    ),
    "traceability/project/spec.py _ALMOST_ID": Worst(
        "fullmatch", SPEC, (("", "a", ""), ("FR", "1", " "), ("FR-", "O", "1"), ("FR -1", "1", "-"))
    ),
    "traceability/project/spec.py _NOT_TESTABLE": Worst(
        "search", SPEC, (("", "(Not testable ", ""), ("(Not testable", " ", "x"), ("", "(", ""))
    ),
    "traceability/project/spec.py _NO_SCENARIO": Worst(
        "search",
        SPEC,
        (
            ("", "(No scenario rests on it ", ""),
            ("(No scenario rests on it", " ", "x"),
            ("", "(", ""),
        ),
    ),
    "traceability/project/spec.py '\\\\D'": Worst("search", SPEC, (("", "A", ""),)),
    "traceability/project/sql.py _TOKEN": Worst(
        "match",
        "a file of SQL",
        (
            ("'", "a", ""),
            ("'", "''", ""),
            ('"', '""', ""),
            ("E'", "\\'", ""),
            ("$", "a", ""),
            ("", " ", ""),
            ("a", "$", ""),
        ),
    ),
    "traceability/project/sql.py _BLOCK_COMMENT_MARK": Worst(
        "search", "a file of SQL", (("", "*", ""), ("", "/", ""))
    ),
    "traceability/project/sql.py _ROUTINE": Worst(
        "match", "a file of SQL", (("CREATE", " ", "x"), ("CREATE OR", " ", "x"))
    ),
    "traceability/report/junit.py _INVALID_IN_XML": Worst("search", EVIDENCE, (("", "\0", ""),)),
    "traceability/report/markdown.py _CODE_SPAN": Worst(
        "search", SPEC, (("`", "a", ""), ("", "`", ""), ("", "``a", ""))
    ),
    "traceability/report/markdown.py _MARKUP": Worst(
        "search", SPEC, (("", "_", ""), ("", "a_", ""))
    ),
    "traceability/report/markdown_links.py '[^\\\\w./~-]'": Worst(
        "search", "the path of a file", (("", " ", ""),)
    ),
    "traceability/report/page/operations.py _OPAQUE_SEGMENT": Worst(
        "fullmatch",
        EVIDENCE,
        (
            ("", "%aa", "\n"),
            ("", "%aa\n", ""),
            ("", "-", "\n"),
            ("", "1", "\n"),
            ("", "a1", "!\n"),
            ("", "\n", ""),
            ("", "-\n", "x"),
        ),
    ),
    "traceability/report/page/operations.py _TEMPLATE": Worst(
        "search",
        SPEC,
        (("/", ".", ""), ("", "/.", ""), ("/{", "a", ""), ("", "/{a", ""), ("", "/a", ".")),
    ),
    "traceability/report/page/operations.py '[?#]'": Worst("search", EVIDENCE, (("", "?", ""),)),
    "traceability/report/page/render.py _UNSAFE": Worst("search", EVIDENCE, (("", "<", ""),)),
    "traceability/report/page/render.py '\\\\{\\\\{(\\\\w+)\\\\}\\\\}'": Worst(
        "search", "our page", (("", "{{", ""), ("{{", "a", ""))
    ),
    "bench/load.py LENGTH": Worst(
        "search",
        "an answer",
        (("", "\r\ncontent-length: ", ""), ("\r\ncontent-length: ", " ", "x")),
    ),
    "bench/pgbench.py '^tps = ([\\\\d.]+)'": Worst(
        "search", "what pgbench prints", (("", "tps = ", ""), ("", "\n", ""))
    ),
}

MADE_OF_INPUT = {
    "steps/endurance/history.py b'\\\\b%s-\\\\d+\\\\b' % family.encode()": (
        "how the names of our users begin; tested in test_readers.py with History.seen"
    ),
    "steps/run/secret_search.py '|'.join(map(re.escape, names)) or '(?!)'": (
        "the secrets of a run, as they are; tested in test_readers.py with RunSecrets.found"
    ),
    "traceability/evidence/redaction.py '|'.join(map(re.escape, longest_first))": (
        "the secrets of a target, as they are; tested in test_readers.py with redact_text"
    ),
    "traceability/matrix/compare.py pattern": (
        "a path as it is, in a reason, both of limited length; tested in test_readers.py"
    ),
}
"""Patterns that hold a text instead of being written down. Their readers are tested."""
