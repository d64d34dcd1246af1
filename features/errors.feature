Feature: Status codes and errors
  As a client I want answers that I can rely on, the unhappy ones included.

  @FR-018 @SC-006
  Rule: Every operation answers with the specified status codes

    Scenario Outline: <operation> answers <status> when all is well
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests the operation "<operation>" when all is well
      Then the answer is <status>

      Examples:
        | operation | status |
        | create    | 201    |
        | list      | 200    |
        | read      | 200    |
        | update    | 200    |
        | delete    | 204    |
        | toggle    | 200    |

    Scenario Outline: <operation> answers <status> when <situation>
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests the operation "<operation>" when <situation>
      Then the answer is <status>
      And the same operation is answered otherwise when nothing is wrong

      Examples: Without authentication
        | operation | situation       | status |
        | create    | no token is sent | 401   |
        | list      | no token is sent | 401   |
        | read      | no token is sent | 401   |
        | update    | no token is sent | 401   |
        | delete    | no token is sent | 401   |
        | toggle    | no token is sent | 401   |

      @spec-paths
      Examples: Without authorization
        | operation | situation           | status |
        | create    | the URL is Bob's    | 403    |
        | list      | the URL is Bob's    | 403    |
        | read      | the task is Bob's   | 403    |
        | update    | the task is Bob's   | 403    |
        | delete    | the task is Bob's   | 403    |
        | toggle    | the task is Bob's   | 403    |

      Examples: Not there
        | operation | situation               | status |
        | read      | the task does not exist | 404    |
        | update    | the task does not exist | 404    |
        | delete    | the task does not exist | 404    |
        | toggle    | the task does not exist | 404    |

      Examples: Invalid
        | operation | situation             | status |
        | create    | the body is invalid   | 422    |
        | update    | the body is invalid   | 422    |

      @CL-16
      Examples: Too large
        | operation | situation             | status |
        | create    | the body is too large | 413    |
        | update    | the body is too large | 413    |

    @CL-09
    Scenario Outline: <operation> answers 422 when the task id is no id
      Given Alice has a task "Buy milk"
      When Alice requests the operation "<operation>" when the task id is no id
      Then the answer is 422, or 404 where any text is an id

      Examples:
        | operation |
        | read      |
        | update    |
        | delete    |
        | toggle    |

    @CL-16
    Scenario: A body of unknown length is limited, too
      Given Alice is a user
      When Alice creates a task with a body of 70,000 bytes sent in chunks
      Then the answer is 413

    @CL-16
    Scenario: A body of just under 64 KiB is read
      Given Alice is a user
      When Alice creates a task with a body of 65,000 bytes
      Then the answer is a task

  @FR-018 @C-005 @C-007
  Rule: Only the six operations exist

    @CL-24 @spec-paths
    Scenario Outline: <method> on <path> is answered <status>
      Given Alice has a task "Buy milk"
      When Alice sends <method> to <path>
      Then the answer is <status>
      And the Allow header lists <allowed>

      Examples:
        | method | path                                 | status | allowed          |
        | PUT    | /api/{alice}/tasks                   | 405    | GET, POST        |
        | PATCH  | /api/{alice}/tasks                   | 405    | GET, POST        |
        | DELETE | /api/{alice}/tasks                   | 405    | GET, POST        |
        | POST   | /api/{alice}/tasks/{task}            | 405    | DELETE, GET, PUT |
        | PATCH  | /api/{alice}/tasks/{task}            | 405    | DELETE, GET, PUT |
        | GET    | /api/{alice}/tasks/{task}/complete   | 405    | PATCH            |
        | POST   | /api/{alice}/tasks/{task}/complete   | 405    | PATCH            |
        | PUT    | /api/{alice}/tasks/{task}/complete   | 405    | PATCH            |
        | DELETE | /api/{alice}/tasks/{task}/complete   | 405    | PATCH            |

    @spec-paths
    Scenario Outline: <method> on <path> does nothing
      Given Alice has a task "Buy milk"
      When Alice sends <method> to <path>
      Then every answer is one of 404 and 405
      And Alice's tasks are untouched

      Examples:
        | method | path                                 |
        | PUT    | /api/{alice}/tasks                   |
        | PATCH  | /api/{alice}/tasks                   |
        | DELETE | /api/{alice}/tasks                   |
        | POST   | /api/{alice}/tasks/{task}            |
        | PATCH  | /api/{alice}/tasks/{task}            |
        | GET    | /api/{alice}/tasks/{task}/complete   |
        | POST   | /api/{alice}/tasks/{task}/complete   |
        | PUT    | /api/{alice}/tasks/{task}/complete   |
        | DELETE | /api/{alice}/tasks/{task}/complete   |

    @CL-24
    Scenario Outline: There is nothing at <path>
      Given Alice has a task "Buy milk"
      When Alice sends GET to <path>
      Then the answer is 404

      Examples:
        | path                                 |
        | /api/unknown                         |
        | /api/{alice}                         |
        | /api/{alice}/tasks/                  |
        | /api/{alice}/tasks/{task}/           |
        | /api/{alice}/tasks/{task}/unknown    |

  @FR-019
  Rule: Every error is JSON of one shape

    @spec-paths
    Scenario Outline: The error when <situation>
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests the operation "<operation>" when <situation>
      Then the answer is an error of the common shape

      Examples:
        | operation | situation               |
        | list      | no token is sent        |
        | list      | the URL is Bob's        |
        | read      | the task is Bob's       |
        | read      | the task does not exist |
        | read      | the task id is no id    |
        | create    | the body is invalid     |
        | create    | the body is broken JSON |
        | read      | the path is unknown     |
        | read      | the method is wrong     |

      @CL-16
      Examples: A clarification: too large
        | operation | situation               |
        | create    | the body is too large   |

    Scenario: A path outside the API
      Given Alice is a user
      When Alice sends GET to /nowhere
      Then the answer is 404
      And the answer is an error of the common shape

    Scenario: Whatever is sent, an error is of the common shape
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice provokes every error that the features know
      Then every error is of the common shape

    @needs-database
    Scenario: The error when the database refuses to commit
      Given Alice is a user
      And the database refuses to commit any new task
      When Alice creates a task titled "Buy milk"
      Then the answer is an error of the common shape

    @CL-22
    Scenario Outline: The error has no other members when <situation>
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests the operation "<operation>" when <situation>
      Then the error has no member but detail, status_code and the list of errors of a 422

      Examples:
        | operation | situation               |
        | list      | no token is sent        |
        | read      | the task does not exist |
        | create    | the body is invalid     |

    @SC-010 @CL-22
    Scenario: The error of an invalid body lists what is wrong
      Given Alice is a user
      When Alice creates a task with null for a title and a list for a description
      Then every answer is one of 400 and 422
      And its list of errors has a location, a message and a type for "title" and for "description"

    @needs-outage
    Scenario: The error when the database is unreachable
      Given Alice has a task "Buy milk"
      When Alice asks for her list while the database is stopped
      Then the answer is an error of the common shape

  @C-006
  Rule: Answers are JSON, never HTML

    Scenario Outline: <accept> is answered with JSON
      Given Alice has a task "Buy milk"
      And Bob is a user
      When Alice requests every operation and every kind of error with the Accept header <accept>
      Then every answer with a body is JSON

      Examples:
        | accept           |
        | application/json |
        | text/html        |
        | */*              |

    Scenario: Whatever is sent, an answer is JSON
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice provokes every error that the features know
      Then every answer with a body is JSON

    @needs-database
    Scenario: An answer is JSON when the database refuses to commit
      Given Alice is a user
      And the database refuses to commit any new task
      When Alice creates a task titled "Buy milk"
      Then every answer with a body is JSON

    @needs-outage
    Scenario: An answer is JSON when the database is unreachable
      Given Alice has a task "Buy milk"
      When Alice requests every operation while the database is stopped
      Then every answer with a body is JSON

  @EC-04 @FR-018 @needs-outage
  Rule: An unreachable database is a 500 with a generic message

    Scenario: PostgreSQL is stopped
      Given Alice has a task "Buy milk"
      When Alice requests every operation while the database is stopped
      Then every answer is 500
      And every answer has a message

    @SC-003 @CL-02
    Scenario: A request without a valid token is refused even then
      Given Alice is a user
      When while the database is stopped, Alice's list is requested with garbage for a token
      Then the answer is 401

    @needs-restart @CL-26
    Scenario: A server that starts without its database serves as soon as it is there
      Given Alice has a task "Buy milk"
      When the server is started while the database is stopped, and Alice asks for her list
      Then the answer is 500
      And Alice's list holds exactly "Buy milk"

  @EC-05
  Rule: The last write wins
    There is no optimistic locking: no version, no conflict.

    Scenario: An update that knows nothing of an earlier one overwrites it
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" to the title "first" and then to the title "second"
      Then every operation succeeds
      And Alice's list holds exactly "second"

    Scenario: Updates at the same time do not refuse one another
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" 40 times at the same time, to a title and a description each
      Then no update is refused because of another one

    @SC-008
    Scenario: Of updates at the same time one is what stays
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" 40 times at the same time, to a title and a description each
      Then title and description of the task come from one and the same update
