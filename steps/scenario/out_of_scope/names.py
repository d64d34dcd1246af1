"""How operations that the spec excludes are usually called, by the item that excludes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PREFIXES = ("", "/api", "/v1", "/api/v1")
AUTHENTICATION = ("/auth", "/api/auth", "/api/v1/auth")
USERS = ("/user", "/users", "/api/user", "/api/users", "/api/v1/users")
OWN = ("/api/{alice}", "/api/{alice}/tasks", "/api/{alice}/tasks/{task}")


@dataclass(frozen=True)
class Excluded:
    """One thing that the spec excludes."""

    words: str
    """Words of a path, or of an operation's name, by which an operation of this kind is known."""
    names: str = ""
    """Methods and ends of paths, such as `POST sign-up`, each behind each of the `prefixes`."""
    prefixes: tuple[str, ...] = PREFIXES
    paths: str = ""
    """Methods and whole paths."""
    shapes: tuple[str, ...] = ()
    """Method and path, with `{}` for ids, of operations that no word tells."""

    def requests(self) -> Iterator[tuple[str, str]]:
        """Yield method and path of each usual address; `{alice}` and `{task}` are ids."""
        seen: set[tuple[str, str]] = set()
        for method, name in _pairs(self.names):
            for prefix in self.prefixes:
                seen |= (new := {(method, f"{prefix}/{one}") for one in spellings(name)} - seen)
                yield from sorted(new)
        yield from (pair for pair in _pairs(self.paths) if pair not in seen)


OTHER = "another operation"
"""What is listed, and neither one of the six nor known by any word."""
ORDINARY = (
    " api health healthz healthcheck ping ready readyz readiness live livez liveness status "
    "version info docs redoc openapijson root"
)
"""Last words of what many servers have for whoever runs them: no operation on tasks or users."""
UNMISTAKABLE = ("signup", "signin", "login", "registeruser", "userregist")
"""Names of an operation that tell a sign-up or sign-in, whatever its path is."""


def spellings(name: str) -> tuple[str, ...]:
    """Return how a name of two words is written in a path: `sign-up`, `signup`, `sign_up`."""
    return tuple(dict.fromkeys((name, name.replace("-", ""), name.replace("-", "_"))))


def plain(word: str) -> str:
    """Return a word without case and without what separates its parts: `signUp` is `sign-up`."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (one.strip() for one in text.split(","))):
        methods, _, path = part.partition(" ")
        for method in methods.split("|"):
            yield method, path


CREDENTIALS = (
    "POST sign-up, POST register, POST registration, POST sign-in, POST log-in, POST authenticate, "
    "POST sessions"
)

EXCLUDED = {
    "e-mail verification or password reset": Excluded(
        "verify-email email-verification verification confirm-email resend-verification "
        "reset-password password-reset forgot-password forgotten-password recover reset verify",
        "POST verify-email, POST confirm-email, POST reset-password, POST password-reset, "
        "POST forgot-password",
        (*PREFIXES, *AUTHENTICATION),
    ),
    "password": Excluded(
        "password passwords change-password set-password update-password hash-password",
        "POST|PUT password, POST change-password, POST set-password",
        (*PREFIXES, *AUTHENTICATION, "/users/me", "/api/users/me", "/api/{alice}"),
    ),
    "token issue or refresh": Excluded(
        "token tokens refresh refresh-token access-token jwt jwks jwks.json oauth oauth2 "
        "introspect verify-token validate-token",
        "POST token, POST tokens, POST refresh, POST refresh-token, POST access-token, "
        "POST oauth/token, POST jwt, GET token, GET jwks, GET jwks.json, "
        "GET .well-known/jwks.json, POST jwt/create, POST users/token, POST login/access-token",
        (*PREFIXES, *AUTHENTICATION),
        "POST /connect/token, POST /api-token-auth, POST /api/api-token-auth, POST /user/token",
    ),
    "sign-up or sign-in": Excluded(
        "sign-up register registration sign-in log-in logon authenticate session sessions sign-out "
        "log-out auth",
        CREDENTIALS,
        (*PREFIXES, *AUTHENTICATION, *USERS),
        "POST /api/auth/sign-up/email, POST /api/auth/sign-in/email, POST /auth/sign-up/email, "
        "POST /auth/sign-in/email, POST /session, POST /api/session, POST /v1/session, "
        "POST /api/v1/session, POST /accounts/login, POST /account/login, "
        "POST /api/accounts/login, POST /api/account/login, POST /auth/jwt/login, "
        "POST /api/auth/jwt/login, POST /api/v1/auth/jwt/login, POST /dj-rest-auth/login, "
        "POST /dj-rest-auth/registration, POST /api/dj-rest-auth/login, "
        "POST /auth/local, POST /api/auth/local, "
        "POST /auth/local/register, POST /api/auth/local/register",
    ),
    "GraphQL or RPC": Excluded(
        "graphql graphiql rpc json-rpc xml-rpc trpc soap grpc",
        "POST graphql, GET graphql, POST rpc, POST json-rpc, POST trpc, POST soap",
    ),
    "realtime channel": Excluded(
        "ws websocket socket socket.io events stream sse realtime live-updates subscribe "
        "subscriptions notifications",
        "GET ws, GET websocket, GET events, GET stream, GET sse, GET realtime, GET subscribe, "
        "GET notifications",
        (*PREFIXES, *OWN[:2]),
    ),
    "upload": Excluded(
        "upload uploads file files attachment attachments image images avatar media",
        "POST upload, POST uploads, POST file, POST files, POST attachments, POST avatar",
        (*PREFIXES, *OWN),
    ),
    "sharing or collaboration": Excluded(
        "share shared shares sharing collaborators collaboration comment comments invite "
        "invitations assign assignees members team teams",
        "POST share, POST comments, GET comments, POST collaborators, POST invite, POST assign, "
        "GET shared",
        OWN,
        "GET /api/shared, GET /api/teams, POST /api/teams, GET /shared",
    ),
    "job or queue": Excluded(
        "job jobs queue queues worker workers celery background cron schedule",
        "GET|POST job, GET|POST jobs, GET|POST queue, GET workers",
        (*PREFIXES, OWN[0]),
    ),
    "cache": Excluded("cache caches clear-cache", "GET|DELETE cache, POST cache/clear"),
    "analytics or monitoring": Excluded(
        "metrics stats statistics analytics dashboard usage monitoring prometheus insights "
        "telemetry reports report summary count counts",
        "GET metrics, GET stats, GET statistics, GET analytics, GET dashboard, GET usage, "
        "GET monitoring, GET summary, GET reports",
        (*PREFIXES, *OWN[:2]),
    ),
    "batch operation": Excluded(
        "batch bulk bulk-create bulk-update bulk-delete delete-all complete-all clear clear-all "
        "clear-completed delete-completed import",
        "POST batch, POST bulk, PUT|PATCH|DELETE batch, PUT|PATCH|DELETE bulk, POST bulk-create, "
        "POST bulk-delete, POST complete-all, POST clear, DELETE completed, POST import",
        OWN[:2],
        "DELETE|PATCH|PUT /api/{alice}/tasks",
        ("DELETE /api/{}/tasks", "PATCH /api/{}/tasks", "PUT /api/{}/tasks"),
    ),
    "archive or undo": Excluded(
        "archive archived unarchive restore trash recycle-bin undo undelete deleted soft-delete",
        "GET|POST archive, GET archived, POST restore, POST unarchive, GET trash, GET deleted, "
        "POST undo, PATCH archive, PATCH restore",
        OWN,
    ),
    "history or audit log": Excluded(
        "history audit audit-log audit-logs revisions activity activities log logs changelog",
        "GET history, GET audit, GET audit-log, GET audit-logs, GET revisions, GET activity, "
        "GET logs",
        (*PREFIXES, *OWN),
    ),
    "search or filter": Excluded(
        "search filter filters find query",
        "GET|POST search, GET|POST filter",
        (*PREFIXES, *OWN[:2]),
        "GET /api/{alice}/tasks/completed, GET /api/{alice}/tasks/pending",
    ),
    "version": Excluded(
        "v0 v1 v2 v3 versions",
        paths="GET /api/v1, GET /v1/api/{alice}/tasks, GET /api/v1/{alice}/tasks, GET /v1, "
        "GET /api/v2/{alice}/tasks, GET /v1/{alice}/tasks, GET /api/v1/tasks, GET /v1/tasks",
    ),
    "user management": Excluded(
        "user users me whoami profile profiles account accounts admin admins role roles "
        "permissions",
        "GET|POST users, GET|POST user, GET users/me, GET user/me, GET me, GET whoami, "
        "GET|PUT|PATCH profile, GET accounts, GET account, GET admin, GET|POST admin/users, "
        "GET roles, GET users/{alice}, PUT|PATCH|DELETE users/{alice}",
        (*PREFIXES, "/auth", "/api/auth"),
        "GET|PUT|PATCH|DELETE /api/{alice}",
        ("GET /api/{}", "PUT /api/{}", "PATCH /api/{}", "DELETE /api/{}", "GET /api", "POST /api"),
    ),
}


def kind_of(method: str, path: str, names: str = "") -> str | None:
    """Return what excludes a listed operation, as a key of `EXCLUDED`, or `OTHER`.

    None: it is about the server itself, such as whether it runs.

    `path` is a template: what stands in braces is an id. The last word of it tells the most:
    `/users/login` is a sign-in, `/auth/me` is none. `names` are words that the description has for
    the operation; of those only the unmistakable count, where no word of the path does:
    `get_user_tasks` manages no users.
    """
    shape = shape_of(path)
    for what, one in EXCLUDED.items():
        if f"{method} {shape}" in one.shapes:
            return what
    for part in reversed([plain(part) for part in shape.split("/") if part and "{" not in part]):
        for what, one in EXCLUDED.items():
            if part in map(plain, one.words.split()):
                return what
    if any(word in plain(names) for word in UNMISTAKABLE):
        return "sign-up or sign-in"
    return None if plain(shape.rpartition("/")[2]) in ORDINARY.split(" ") else OTHER


def shape_of(path: str) -> str:
    """Return a path template with `{}` for each id, and without a slash at its end."""
    return re.sub(r"\{[^{}]*\}|(?<=/):\w+", "{}", path).rstrip("/")
