Feature: Out of scope
  As a judge I want to see that what the spec excludes is not there: nothing answers, nothing reacts.

  Rule: What the spec excludes has no address

    What counts is an answer that an address which nobody has does not get: an operation is there.
    A refusal (401, 404, 405) is none.

    Scenario Outline: No <what>
      Given Alice has a task "Buy milk"
      When Alice looks for <what> at the usual addresses and in what the server lists of itself
      Then there is none
      And Alice's tasks are untouched

      @OS-02
      Examples: Password hashing
        | what                                  |
        | password                              |
      @OS-03
      Examples: Token issue and refresh
        | what                                  |
        | token issue or refresh                |
      @OS-04
      Examples: E-mail verification and password reset
        | what                                  |
        | e-mail verification or password reset |
      @OS-05
      Examples: Admin and user management
        | what                                  |
        | user management                       |
      @OS-06
      Examples: Batch operations
        | what                                  |
        | batch operation                       |
      @OS-07
      Examples: Search and filtering
        | what                                  |
        | search or filter                      |
      @OS-10
      Examples: Soft delete and archive
        | what                                  |
        | archive or undo                       |
      @OS-11
      Examples: History and audit log
        | what                                  |
        | history or audit log                  |
      @OS-13
      Examples: API versioning
        | what                                  |
        | version                               |
      @OS-14
      Examples: GraphQL and other non-REST APIs
        | what                                  |
        | GraphQL or RPC                        |
      @OS-15
      Examples: WebSocket and realtime
        | what                                  |
        | realtime channel                      |
      @OS-16
      Examples: File uploads
        | what                                  |
        | upload                                |
      @OS-17
      Examples: Sharing and collaboration
        | what                                  |
        | sharing or collaboration              |
      @OS-18
      Examples: Background workers and queues
        | what                                  |
        | job or queue                          |
      @OS-19
      Examples: Caching layers
        | what                                  |
        | cache                                 |
      @OS-20
      Examples: Analytics and monitoring
        | what                                  |
        | analytics or monitoring               |

    @OS-01
    Scenario: No operation takes credentials
      Given Alice has a task "Buy milk"
      When Alice gives credentials to every address that could take them
      Then none takes credentials
      And Alice's tasks are untouched

    @OS-02
    Scenario: No operation takes a password
      Given Alice has a task "Buy milk"
      When Alice gives credentials to every address that could take them
      Then none takes a password

    @OS-03 @C-004
    Scenario: No operation answers credentials with a token
      Given Alice has a task "Buy milk"
      When Alice gives credentials to every address that could take them
      Then no answer to it carries a token

    @C-007
    Scenario: The server lists no other operation that answers
      Given Alice has a task "Buy milk"
      When Alice tries every other operation that the server lists of itself
      Then there is none

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
