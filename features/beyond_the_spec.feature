Feature: Beyond the spec
  As an operator I want the same promises kept where a server offers more than the spec asks for.
  A server that does not offer it is not judged by these scenarios.

  @FR-002 @offers-published-keys @together
  Rule: Tokens may be verified by the keys that an identity provider publishes

    Scenario: A token that is signed with a published key is served
      Given Alice has a task "Buy milk"
      When Alice asks a server that trusts published keys for her list, with a token of such a key
      Then the answer is 200
      And the list holds exactly "Buy milk"

    @SC-003
    Scenario Outline: <defect> is refused
      Given Alice has a task "Buy milk"
      When Alice asks a server that trusts published keys for her list, with <defect>
      Then the answer is 401

      Examples:
        | defect                                          |
        | a token of a key that is not published          |
        | a token of another key under a published name   |
        | a token signed with the public key as a secret  |
        | a token for another audience                    |
        | a token of another issuer                       |
        | a token without issuer and audience             |

    Scenario: A key that the provider publishes later is found
      Given Alice has a task "Buy milk"
      When the provider publishes a new key and Alice asks with a token of that key
      Then the answer is 200

    @SR-010
    Scenario: A provider that cannot be reached lets nobody in
      Given Alice is a user
      When Alice asks a server whose provider cannot be reached for her list
      Then the answer is 500
      And no answer shows an internal detail

  @FR-012 @SR-003 @SC-005 @offers-row-security
  Rule: The database itself shows the server's login nothing of another user

    Scenario: A query without a filter sees only the user's own rows
      Given Alice has created the tasks "milk-a1", "milk-a2" and "milk-a3" in this order
      And Bob has a task "Sell bread"
      When Alice asks for her list, and the server's login then selects all tasks in Alice's name
      Then it sees exactly Alice's tasks
      And in nobody's name it sees none

    Scenario: A statement without a filter changes only the user's own rows
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice asks for her list, and the server's login then renames and deletes all tasks in Alice's name
      Then no task of Alice is left in the database
      And Bob's tasks are untouched
      And in Alice's name it cannot store a task of Bob's

    Scenario: A login that could see everything is refused at the start
      When the server is started with a login that could see every row
      Then it refuses to start and names the variable of the database URL
      And it says so without a traceback

  @SC-012 @offers-contract
  Rule: The committed contract is what the server does

    @SC-011
    Scenario: Tools can read what the server says of itself
      When the server's own description is read
      Then every operation has an example and the Bearer scheme

    Scenario: The server describes exactly the operations of the spec
      When the server's own description is read
      Then it has exactly the six operations of the spec

    Scenario: The contract as committed
      When the server compares itself with the committed contract
      Then it finds no difference

    Scenario: A contract that differs
      When the server compares itself with a contract that lacks an operation
      Then it says what differs

  @SC-006 @FR-019 @offers-limits @together
  Rule: What arrives on a connection is limited, and is one request after the other

    Scenario Outline: <request> is answered <status>
      Given Alice is a user
      When Alice sends a server with short limits, with a token, <request>
      Then the answer is <status>
      And the answer is an error of the common shape

      @CL-27
      Examples: Too large
        | request                              | status |
        | a request line of 64 KiB and more    | 414    |
        | 201 header fields                    | 431    |
        | a head of 256 KiB and more           | 431    |
        | a head that goes on for ever         | 431    |

      @CL-28
      Examples: Malformed
        | request                              | status |
        | no Host                              | 400    |
        | two Hosts                            | 400    |
        | a Host with a space in it            | 400    |
        | a Host whose port is too high        | 400    |
        | a Host in brackets without address   | 400    |
        | a line that ends without CR          | 400    |
        | the first line of SSH                | 400    |
        | a space before a colon               | 400    |
        | HTTP/2 without asking                | 400    |
        | the first bytes of TLS               | 400    |
        | HTTP/1.0 in chunks                   | 400    |
        | two lengths                          | 400    |
        | a length and chunks                  | 400    |
        | a chunk without a size               | 400    |
        | a chunk's line that is too long      | 400    |
        | a trailer that is too long           | 400    |

      @CL-32
      Examples: Too late
        | request                              | status |
        | a head that does not end             | 408    |
        | a body that does not end             | 408    |

      @CL-29
      Examples: Methods that are none of the API's
        | request                              | status |
        | a method that nobody knows           | 405    |
        | a method in lower case               | 405    |

    @CL-29
    Scenario: HEAD is none of the API's methods
      Given Alice is a user
      When Alice sends a server with short limits, with a token, the method HEAD
      Then the answer is 405

    @SR-001 @SR-004 @SC-003
    Scenario Outline: <request> without a token is answered 401
      Given Alice is a user
      When Alice sends a server with short limits, without a token, <request>
      Then the answer is 401
      And the answer is an error of the common shape

      Examples:
        | request                              |
        | a body that does not end             |

      @CL-31
      Examples: A clarification: another protocol is offered
        | request                              |
        | an offer of h2c                      |

      @CL-27
      Examples: A clarification: a large head
        | request                              |
        | 200 header fields                    |

      @CL-29
      Examples: A clarification: methods that the API does not have
        | request                              |
        | a method that nobody knows           |
        | a method in lower case               |

    @SR-001 @CL-30
    Scenario: A token in the trailer is none
      Given Alice is a user
      When Alice sends a server with short limits, with a token, the token in the trailer
      Then the answer is 401
      And the answer is an error of the common shape

    @FR-006
    Scenario Outline: <request> creates a task
      Given Alice is a user
      When Alice sends a server with short limits, with a token, <request>
      Then the answer is 201 with a task

      Examples:
        | request                                           |
        | a task in chunks                                  |

      @CL-31
      Examples: A clarification: another protocol is offered
        | request                                           |
        | an offer of h2c                                   |
        | an offer of h2c, its body in a segment of its own |

      @CL-30
      Examples: A clarification: trailers
        | request                                           |
        | another token in the trailer                      |

    Scenario Outline: <request> is served
      Given Alice is a user
      When Alice sends a server with short limits, with a token, <request>
      Then the answer is 200

      Examples:
        | request                 |
        | an absolute URL         |
        | an IPv6 address as Host |
        | an empty line before it |

      @CL-27
      Examples: A clarification: a large head
        | request                 |
        | 200 header fields       |

    Scenario: Two requests in one segment are served one after the other
      Given Alice is a user
      When Alice sends a server with short limits two requests in one segment
      Then every answer is one of 200 and 201
      And the list holds exactly "Buy milk"

    Scenario: Silent clients do not keep another one out
      Given Alice is a user
      When Alice asks a server with short limits for her list while clients are too many
      Then the answer is 200

    Scenario: Half requests that fill the memory do not keep another one out
      Given Alice is a user
      When Alice asks a server with short limits for her list while half requests fill its memory
      Then the answer is 200

    Scenario: A client that has nothing more to send gets its answer
      Given Alice is a user
      When Alice asks a server with short limits for her list and sends no more
      Then the answer is 200

    @CL-28
    Scenario: A client that sends half a request and no more gets its answer
      Given Alice is a user
      When Alice sends a server with short limits half a request and no more
      Then the answer is 400
      And the answer is an error of the common shape

    @SR-011 @SR-010 @CL-07
    Scenario: A token in a path is not logged
      Given Alice is a user
      When Alice's token is sent in a path and not in a header
      Then every answer is 401
      And the log has a line for each request, and no part of Alice's token

    @CL-32
    Scenario: A silent connection is closed
      When a client of a server with short limits sends nothing
      Then the connection is closed without an answer

    @CL-32
    Scenario: A client that does not read is given up
      Given Alice has 50 tasks
      When Alice asks a server with short limits for her list 1,000 times and reads no answer
      Then the server closes the connection

    @SC-007 @CL-33
    Scenario: A server that is told to stop does not wait for a client
      Given Alice is a user
      When a server with short limits is stopped while Alice has sent half a task
      Then the answer is 200
      And it has ended by itself, within the time for that

    @SC-007
    Scenario: A server that is told to stop answers the request that is on its way
      Given Alice is a user
      When a server with short limits is stopped while Alice sends her request for the list
      Then the answer is 200

  @SC-008 @offers-parallel-requests @needs-database
  Rule: Requests may be carried out in parallel

    Scenario: A locked row holds up nobody else
      Given Alice has a task "Buy milk"
      And Bob is a user
      And the operator holds a lock on the task "Buy milk"
      When Alice toggles the task "Buy milk" while it is locked, and Bob asks for his list 20 times
      Then every answer is 200
      And Bob was answered before Alice was

  @SC-007 @offers-workers
  Rule: Several processes may serve one port

    Scenario: A task outlives all of them
      Given Alice is a user
      When a server of several workers gets "Buy milk" from Alice, is stopped and started again, and is asked for her list
      Then the list holds exactly "Buy milk"

  @C-008 @SR-006 @SR-007 @offers-refused-settings
  Rule: A setting that cannot be used stops the start

    @CL-34
    Scenario Outline: The sentence when the <setting> is <state>
      When the server is started with a <setting> that is <state>
      Then it refuses to start and names the variable of the <setting>
      And it says so without a traceback

      Examples:
        | setting      | state            |
        | JWT secret   | missing          |
        | JWT secret   | empty            |
        | JWT secret   | 31 bytes long    |
        | database URL | missing          |
        | database URL | empty            |
        | database URL | not a URL        |
        | CORS origin  | missing          |
        | CORS origin  | any origin, as * |

    @CL-34
    Scenario: Each of them is named
      When the server is started with each of the settings that it refuses
      Then each start ends with one sentence that names the variable
