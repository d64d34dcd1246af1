"""The harness: step definitions in the domain's words, and the target that they judge.

    run/       the judging, its workers           definitions/ step definitions
    scenario/  what a scenario knows and says     target/      what is judged
    postgres/  a PostgreSQL to judge on           process/     child processes and locks
    http/      the API as a client sees it        errors       what ends a judging with status 2

It reaches the server through HTTP alone, and the database only as an operator or an identity
provider would. It imports nothing of the server. Verdicts and reports belong to `traceability`.
"""
