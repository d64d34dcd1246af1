Feature: Security
  As a judge I want the security requirements shown by attack, over every operation.

  @SR-004 @SC-003
  Rule: Every request without a valid token is answered 401
    A token is sent to the URL of its own user: at another user's URL, a 403 would be right.

    Scenario Outline: <defect>
      Given Alice has a task "Buy milk"
      And Bob is a user
      When every operation is requested with <defect>
      Then every answer is 401

      Examples: Something else than one Bearer token
        | defect                                     |
        | no Authorization header                    |
        | the scheme Basic                           |
        | the scheme Token                           |
        | an empty Authorization header              |
        | the scheme alone                           |
        | garbage for a token                        |
        | a token of two parts                       |
        | a token of four parts                      |
        | a token with a space in it                 |
        | a token that is not ASCII                  |

      Examples: Outside its time
        | defect                                     |
        | a token that expired 2 seconds ago         |
        | a token whose exp is null                  |
        | a token whose exp is text                  |
        | a token whose exp is 1e400                 |
        | a token whose exp is true                  |
        | a token whose exp is NaN                   |
        | a token whose exp is a list                |
        | a token without exp                        |

      Examples: Without a user
        | defect                                     |
        | a payload that is not an object            |
        | a payload that is not JSON                 |
        | a payload that is not base64url            |

      Examples: Not signed with the shared secret
        | defect                                     |
        | a tampered payload                         |
        | a tampered signature                       |
        | an empty signature                         |
        | another secret                             |
        | an empty secret                            |
        | the algorithm none                         |
        | the algorithm None, unsigned               |
        | the algorithm RS256                        |
        | the algorithm ES256                        |
        | a kid that points to /dev/null             |
        | a kid that injects SQL                     |
        | a jwk of its own                           |
        | a jku of its own                           |
        | no algorithm                               |
        | the algorithm HS512                        |
        | a header that is not an object             |

      @CL-04
      Examples: Not valid yet
        | defect                                     |
        | a token that is not yet valid              |
        | a token issued in the future               |

      @CL-03
      Examples: Twice
        | defect                                     |
        | two Authorization headers                  |

      @CL-04
      Examples: With an extension that nobody knows
        | defect                                     |
        | a critical extension                       |

      @CL-27
      Examples: Larger than many servers read
        | defect                                     |
        | a token of 100,000 characters              |

      @CL-13
      Examples: With a user id that is none
        | defect                                     |
        | a token whose sub holds U+0000             |
        | a token whose sub holds a lone surrogate   |

      @CL-04
      Examples: A clarification: what a token needs
        | defect                                     |
        | a token without sub                        |
        | a token whose sub is a number              |
        | a token whose sub is null                  |
        | a token whose sub is a list                |
        | a token whose sub is an object             |
        | a token whose sub is empty                 |
        | a token whose sub has 10,000 characters    |

  @SR-001
  Rule: Every operation serves nobody but with a valid token

    Scenario Outline: <defect> opens nothing
      Given Alice has a task "Buy milk"
      And Bob is a user
      When every operation is requested with <defect>
      Then no answer serves the request
      And Alice's tasks are untouched

      Examples: Something else than one Bearer token
        | defect                                     |
        | no Authorization header                    |
        | the scheme Basic                           |
        | the scheme Token                           |
        | an empty Authorization header              |
        | the scheme alone                           |
        | garbage for a token                        |
        | a token of two parts                       |
        | a token of four parts                      |
        | a token with a space in it                 |
        | a token that is not ASCII                  |
        | a token of 100,000 characters              |

      @FR-003
      Examples: Outside its time
        | defect                                     |
        | a token that expired 2 seconds ago         |
        | a token whose exp is null                  |
        | a token whose exp is text                  |
        | a token whose exp is 1e400                 |
        | a token whose exp is true                  |
        | a token whose exp is NaN                   |
        | a token whose exp is a list                |
        | a token without exp                        |

      @FR-004
      Examples: Without a usable user id
        | defect                                     |
        | a token without sub                        |
        | a token whose sub is a number              |
        | a token whose sub is null                  |
        | a token whose sub is a list                |
        | a token whose sub is an object             |
        | a token whose sub is empty                 |
        | a token whose sub holds U+0000             |
        | a token whose sub holds a lone surrogate   |
        | a token whose sub has 10,000 characters    |
        | a payload that is not an object            |
        | a payload that is not JSON                 |
        | a payload that is not base64url            |

      @FR-002
      Examples: Not signed with the shared secret
        | defect                                     |
        | a tampered payload                         |
        | a tampered signature                       |
        | an empty signature                         |
        | another secret                             |
        | an empty secret                            |
        | the algorithm none                         |
        | the algorithm None, unsigned               |
        | the algorithm RS256                        |
        | the algorithm ES256                        |
        | a kid that points to /dev/null             |
        | a kid that injects SQL                     |
        | a jwk of its own                           |
        | a jku of its own                           |
        | no algorithm                               |
        | the algorithm HS512                        |
        | a header that is not an object             |

    @FR-002 @SR-004 @SC-003
    Scenario: No fixed text is a signature, the end of one, or a token
      Given Alice has a task "Buy milk"
      When Alice's list is asked for with usual fixed texts as signature, ending and token
      Then none of them opens it

    @FR-002 @SR-004 @SC-003 @SR-006
    Scenario: No well-known secret signs a token
      Given Alice has a task "Buy milk"
      When Alice's list is asked for with tokens that are signed with well-known secrets
      Then none of them opens it

    @FR-002 @SR-004 @SC-003 @needs-source @where-possible
    Scenario: No text of the source is a signature, the end of one, or a token
      Given Alice has a task "Buy milk"
      When Alice's list is asked for with the texts of the source as signature, ending and token
      Then none of them opens it

    @FR-002 @SR-004 @SC-003 @SR-006 @needs-source @where-possible
    Scenario: No text of the source signs a token
      Given Alice has a task "Buy milk"
      When Alice's list is asked for with tokens that are signed with the texts of the source
      Then none of them opens it

  @SR-001 @SR-004 @SC-003
  Rule: Whoever has no token learns nothing of the paths either

    @CL-01 @spec-paths
    Scenario Outline: <path> needs a token, too
      Given Alice is a user
      When <path> is requested by every method without a token
      Then every answer is 401

      Examples: Paths that no operation has
        | path                                   |
        | /api                                   |
        | /api/                                  |
        | /api/{alice}/tasks                     |
        | /api/unknown                           |
        | /api/{alice}/tasks/                    |
        | /api/{alice}/tasks/not-a-uuid          |
        | /api/{alice}/tasks/not-a-uuid/complete |
        | /api/{alice}/other                     |

  @SR-005 @SC-004 @SC-006
  Rule: Every operation refuses every kind of cross-user access
    403, whatever the request says otherwise.

    Scenario Outline: <attack>
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests every operation <attack>
      Then every answer is 403
      And the same operations are answered otherwise when nothing is wrong

      @FR-005 @spec-paths
      Examples: Under a URL that is not hers
        | attack                                              |
        | under Bob's URL, on his task                        |
        | under Bob's URL, on her own task                    |
        | under Bob's URL, on a task that does not exist      |
        | under the URL of nobody                             |
        | under an id that is hers but for one character      |
        | under Bob's URL, with his id as user_id in the body |

      @FR-005 @offers-opaque-ids @CL-09
      Examples: Under a URL that an opaque id is not
        | attack                                              |
        | under her own id in upper case                      |

      Examples: Under her own URL
        | attack                                              |
        | under her own URL, on Bob's task                    |

  @SC-005
  Rule: No kind of cross-user access shows or changes anything

    Scenario Outline: <attack>, and what becomes of his tasks
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests every operation <attack>
      Then no answer mentions "Sell bread"
      And Bob's tasks are untouched

      Examples:
        | attack                                              |
        | under Bob's URL, on his task                        |
        | under Bob's URL, with his id as user_id in the body |
        | under her own URL, on Bob's task                    |

  @FR-005
  Rule: What PostgreSQL cannot hold is no user's id

    Scenario: Her own id followed by %00
      Given Alice has a task "Buy milk"
      And Bob is a user
      When Alice requests every operation under her own id followed by %00
      Then every answer is one of 400, 403, 404 and 422

  @SR-008
  Rule: The URL is checked before anything else of the request
    Not a byte of the body is parsed before.

    Scenario Outline: Another user's URL and <flaw>
      Given Alice and Bob are users
      When Alice sends to Bob's URL <flaw>
      Then every answer is 403
      And the same operations are answered otherwise when nothing is wrong

      Examples:
        | flaw                   |
        | broken JSON            |
        | invalid UTF-8          |
        | an empty body          |
        | a body without a title |
        | a body of 70,000 bytes |
        | a malformed task id    |
        | a body that never comes |

  @SR-004 @SC-003
  Rule: A request without a token is answered 401, whatever else it says

    Scenario Outline: No token and <flaw>
      Given Alice is a user
      When somebody without a token sends to Alice's URL <flaw>
      Then every answer is 401

      Examples:
        | flaw                   |
        | broken JSON            |
        | invalid UTF-8          |
        | an empty body          |
        | a body without a title |
        | a body of 70,000 bytes |
        | a malformed task id    |
        | a body that never comes |

  @SR-008
  Rule: A task is looked up after everything else of the request is found valid

    @CL-02
    Scenario: A task of somebody else is looked up only after the body is found valid
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice changes Bob's task "Sell bread" under her own URL with an empty title
      Then every answer is one of 400 and 422

  @FR-012 @SR-003 @SC-005
  Rule: Nothing of another user ever shows

    Scenario: Two users side by side, each sees only what is their own
      Given Alice has created the tasks "milk-a1", "milk-a2" and "milk-a3" in this order
      And Bob has created the tasks "bread-b1", "bread-b2" and "bread-b3" in this order
      When Alice and Bob each request every operation on each of the six tasks
      Then no answer to Alice mentions "bread-"
      And no answer to Bob mentions "milk-"
      And the server was there to answer every request

    Scenario: What its owner has read before is not shown to others
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Bob and Alice read Bob's task in turn, twice, Alice under her own URL
      Then no answer to Alice mentions "Sell bread"

    @spec-paths
    Scenario: What its owner has read before is not shown under the owner's URL, either
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Bob and Alice read Bob's task in turn, twice, Alice under Bob's URL
      Then no answer to Alice mentions "Sell bread"

    Scenario: Many users at once get each only their own list
      Given 20 users with 3 tasks each
      When all of them ask for their lists at the same time, 5 times each
      Then no list holds a task of somebody else

    @needs-database
    Scenario: The queries filter by user even where the database would not
      The operator switches row-level security off: the server's own filters must hold alone.

      Given Alice has created the tasks "milk-a1", "milk-a2" and "milk-a3" in this order
      And Bob has a task "Sell bread"
      And the operator has switched row-level security off
      When Alice and Bob each request every operation on each of their tasks
      Then no answer to Alice mentions "Sell bread"
      And no answer to Bob mentions "milk-"
      And each may only do it on their own tasks
      And the server was there to answer every request

  @SR-002
  Rule: Identity comes from the token, never from the body or the query

    Scenario Outline: <place> names Bob
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice requests every operation while <place> names Bob
      Then every operation succeeds, or is refused for how it was sent
      And no success mentions Bob's id
      And Bob's tasks are untouched

      Examples:
        | place           |
        | the body        |
        | the query       |
        | a header        |
        | a cookie        |

  @SR-006
  Rule: The JWT secret comes from the environment, never from the code

    @needs-restart @C-008
    Scenario: Without a secret in the environment nobody is served
      When the server is started with a JWT secret that is missing
      Then it refuses to start, or serves nobody

    @needs-restart @C-008 @CL-06
    Scenario Outline: The server does not start when the secret is <state>
      When the server is started with a JWT secret that is <state>
      Then it refuses to start, or serves nobody

      Examples:
        | state          |
        | empty          |
        | 31 bytes long  |

    @needs-restart
    Scenario: A secret of 32 bytes is accepted
      When the server is started with a JWT secret that is 32 bytes long
      Then it starts

    @needs-restart
    Scenario: The secret of the environment is the one that counts
      Given Alice has a task "Buy milk"
      When another server is started with another JWT secret
      Then Alice's token is answered 401
      And a token signed with the new secret is answered 200

    @needs-source
    Scenario: No source file holds a secret
      When the server's source is searched for text given to a secret, a password or a key
      Then nothing is found

  @SR-007
  Rule: The database's address comes from the environment

    @needs-restart @C-008
    Scenario Outline: Nobody is served when the database URL is <state>
      When the server is started with a database URL that is <state>
      Then it refuses to start, or serves nobody

      Examples:
        | state             |
        | missing           |
        | empty             |
        | not a URL         |

    @needs-source
    Scenario: No source file holds a connection string
      When the server's source is searched for connection strings
      Then nothing is found

  @SR-009
  Rule: Text is data, never SQL

    Scenario Outline: A title such as <text> is stored and returned verbatim
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice creates a task with <text> as title and description, changes it to the same and reads it
      Then every task in the answers has <text> as title, and as description if it has one
      And Bob's tasks are untouched

      Examples:
        | text                                               |
        | '; DROP TABLE tasks; --                            |
        | ' OR '1'='1                                        |
        | \'; DELETE FROM users; --                          |
        | %s %(title)s :title $1 {title}                     |
        | "); SELECT pg_sleep(5); --                         |
        | 1' UNION SELECT id, email FROM users --            |

    @spec-paths
    Scenario Outline: An injection as a <place> opens nothing
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice puts the usual injections into the <place>
      Then every answer is one of 200, 201, 204, 400, 401, 403, 404 and 422
      And no answer mentions "Sell bread"
      And Bob's tasks are untouched

      Examples:
        | place           |
        | task id         |
        | URL's user id   |
        | token's subject |

    @needs-source
    Scenario: No statement is put together from text
      When the server's source is searched for SQL that is put together from text
      Then nothing is found

  @SR-010
  Rule: No internal detail reaches a client

    @needs-outage @EC-04
    Scenario: The database is unreachable
      Given Alice has a task "Buy milk"
      When Alice requests every operation while the database is stopped
      Then every answer is one of 500, 502, 503 and 504
      And no answer shows an internal detail

    Scenario: Refusals of every kind
      Given Alice and Bob are users
      When every kind of error but 500 is provoked
      Then no answer shows an internal detail

    @needs-database
    Scenario: The database refuses to commit
      Given Alice has a task "Buy milk"
      And the database refuses to commit any new task
      When Alice requests every operation
      Then no answer shows an internal detail

  @SR-011
  Rule: Authentication failures are logged for security monitoring

    @needs-restart
    Scenario Outline: The log tells the failure of a request with <defect>
      The line that a web server writes for any request does not: it has no reason.

      Given Alice is a user
      And Bob is a user
      And it is known what a request of Alice that is served leaves in the log
      When Alice's list is requested with <defect>
      Then the server's log tells the failure, if it is refused

      Examples:
        | defect                             |
        | no Authorization header            |
        | garbage for a token                |
        | a token that expired 2 seconds ago |
        | another secret                     |
        | the token of an unknown user       |

    @needs-restart @spec-paths @CL-07
    Scenario: The log tells that a URL was refused
      Given Alice and Bob are users
      And it is known what a request of Alice that is served leaves in the log
      When Alice asks for Bob's list
      Then the server's log tells the failure, if it is refused

    @needs-restart @CL-07
    Scenario Outline: The log names the request with <defect>
      Given Alice is a user
      When Alice's list is requested with <defect>
      Then a line of the log names the method, the path and the failure, if it is refused

      Examples:
        | defect                             |
        | no Authorization header            |
        | a token that expired 2 seconds ago |

    @needs-restart @CL-07
    Scenario Outline: The log does not hold <defect>
      Given Alice is a user
      When Alice's list is requested with <defect>
      Then the log shows neither the token nor the secret

      Examples:
        | defect                             |
        | a token that expired 2 seconds ago |
        | another secret                     |
        | the token of an unknown user       |

    @needs-restart @CL-07
    Scenario: The log does not repeat a token from a query string
      Given Alice is a user
      When Alice asks for her list with the token in the query string
      Then the log shows no part of Alice's token

    @needs-restart
    Scenario: A path cannot forge a line of the log
      Given Alice is a user
      When a path with a line break and a forged log line is requested without a token
      Then the log has no forged line

  @SR-012 @needs-database
  Rule: A task cannot be orphaned

    @FR-015
    Scenario: A task of a user who does not exist cannot be stored
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk" and the operator tries to hand it to a user who does not exist
      Then the database refuses because of a foreign key
      And Alice's tasks are untouched

    Scenario: A task cannot be without a user
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk" and the operator tries to take its user away
      Then the database refuses

    Scenario: Deleting a user takes the user's tasks along
      Given Alice has created the tasks "one", "two" and "three" in this order
      And Bob has a task "Sell bread"
      When Alice asks for her list and then the identity provider deletes Alice
      Then no task of Alice is left in the database
      And Bob's tasks are untouched

    Scenario: A user who is deleted while tasks are created leaves none behind
      Given Alice is a user
      When Alice creates 20 tasks at the same time while the identity provider deletes Alice
      Then no task of Alice is left in the database
