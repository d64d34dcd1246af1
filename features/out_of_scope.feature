Feature: Out of scope
  As a judge I want to see that what the spec excludes is not there: nothing answers, nothing reacts.

  Rule: What the spec excludes has no address

    Scenario Outline: No <what> at <probes>
      Given Alice has a task "Buy milk"
      When Alice tries <probes>
      Then every answer is one of 404 and 405
      And Alice's tasks are untouched

      @OS-01
      Examples: Sign-up and sign-in
        | what                 | probes                                                                      |
        | sign-up or sign-in   | POST /api/auth/sign-up, POST /api/auth/sign-in, POST /api/auth/sign-in/email, POST /api/login, POST /api/register, POST /auth/login, POST /login, POST /register, POST /auth/sign-in |
      @OS-02
      Examples: Password hashing
        | what                 | probes                                                                      |
        | password             | POST /api/password, PUT /api/{alice}/password, POST /api/auth/change-password |
      @OS-03
      Examples: Token issue and refresh
        | what                 | probes                                                                      |
        | token endpoint       | POST /api/auth/token, POST /api/auth/refresh, POST /api/token, GET /api/auth/jwks, POST /token, POST /auth/token, POST /auth/refresh |
      @OS-04
      Examples: E-mail verification and password reset
        | what                 | probes                                                                      |
        | verification or reset | POST /api/auth/verify-email, POST /api/auth/reset-password, POST /api/auth/forgot-password |
      @OS-05
      Examples: Admin and user management
        | what                 | probes                                                                      |
        | user management      | GET /api/users, GET /api/admin, GET /api/{alice}, DELETE /api/{alice}, PUT /api/{alice}, GET /users, GET /admin, GET /admin/users |
      @OS-06
      Examples: Batch operations
        | what                 | probes                                                                      |
        | batch operation      | DELETE /api/{alice}/tasks, PATCH /api/{alice}/tasks, PUT /api/{alice}/tasks, POST /api/{alice}/batch |
      @OS-10
      Examples: Soft delete and archive
        | what                 | probes                                                                      |
        | archive or undo      | GET /api/{alice}/archive, POST /api/{alice}/tasks/{task}/archive, POST /api/{alice}/tasks/{task}/restore, GET /api/{alice}/trash |
      @OS-11
      Examples: History and audit log
        | what                 | probes                                                                      |
        | history              | GET /api/{alice}/tasks/{task}/history, GET /api/{alice}/history, GET /api/audit |
      @OS-13
      Examples: API versioning
        | what                 | probes                                                                      |
        | version              | GET /api/v1, GET /v1/api/{alice}/tasks, GET /api/v1/{alice}/tasks           |
      @OS-14
      Examples: GraphQL and other non-REST APIs
        | what                 | probes                                                                      |
        | GraphQL or RPC       | POST /graphql, POST /api/graphql, POST /rpc, POST /api/rpc, POST /soap      |
      @OS-15
      Examples: WebSocket and realtime
        | what                 | probes                                                                      |
        | realtime channel     | GET /ws, GET /api/ws, GET /api/events, GET /api/{alice}/events, GET /api/{alice}/stream |
      @OS-16
      Examples: File uploads
        | what                 | probes                                                                      |
        | upload               | POST /api/upload, POST /api/{alice}/files, POST /api/{alice}/tasks/{task}/attachments |
      @OS-17
      Examples: Sharing and collaboration
        | what                 | probes                                                                      |
        | sharing              | POST /api/{alice}/tasks/{task}/share, GET /api/{alice}/shared, POST /api/{alice}/tasks/{task}/comments |
      @OS-18
      Examples: Background workers and queues
        | what                 | probes                                                                      |
        | job or queue         | GET /api/jobs, POST /api/{alice}/jobs, GET /api/queue                       |
      @OS-20
      Examples: Analytics and monitoring
        | what                 | probes                                                                      |
        | analytics            | GET /api/metrics, GET /metrics, GET /api/stats, GET /api/{alice}/stats, GET /api/analytics, GET /stats |

    @OS-15
    Scenario Outline: No WebSocket opens at <path>
      Given Alice is a user
      When Alice asks for a WebSocket at <path>
      Then no WebSocket opens

      Examples:
        | path             |
        | /ws              |
        | /api/ws          |
        | /api/{alice}/ws  |

  Rule: What the spec excludes has no effect

    Scenario Outline: A list does not react to <parameters>
      Given Alice has created the tasks "one", "two" and "three" in this order
      And Alice's task "two" is completed
      When Alice asks for her list with the query <parameters>
      Then the list is the same as without the query

      @OS-07
      Examples: Search and filtering
        | parameters                      |
        | q=one&search=one&filter=one     |
        | completed=true&is_completed=true&status=completed |
      @OS-08
      Examples: Sort options
        | parameters                              |
        | sort=title&order=asc&sort_by=created_at |
      @OS-09
      Examples: Pagination
        | parameters                                       |
        | limit=1&offset=1&page=2&per_page=1&size=1&skip=1 |

    @OS-09
    Scenario: A list has no pages
      Given Alice has 120 tasks
      When Alice asks for her list
      Then the list holds 120 different tasks
      And the answer has no Link, Content-Range or X-Total-Count header

    @OS-10
    Scenario: A deleted task cannot be had back
      Given Alice has a task "Buy milk"
      And Alice has deleted the task "Buy milk"
      When Alice asks for her list with the query include_deleted=true&deleted=true&archived=true
      Then the list is empty

    @OS-12
    Scenario: Nobody is slowed down for asking often
      Given Alice has a task "Buy milk"
      When Alice asks for her list 150 times
      Then every answer is 200
      And no answer has a RateLimit or Retry-After header

    @OS-18
    Scenario: A change is there when the answer is
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" and reads it, 10 times in turn
      Then every reading shows the change before it

    @OS-19
    Scenario: Nothing is answered from a cache
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk", changes it and reads it with the caching headers of the first answer
      Then the last answer is 200 and shows the change
