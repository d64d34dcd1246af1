Feature: Authentication and authorization
  As a user I want only my own valid token to open my tasks, so that nobody else can.

  @US1-AS1 @FR-004
  Rule: A valid token opens its user's tasks
    The signature is checked, the user id is taken from the token, and the request is served.

    @FR-001 @FR-002 @FR-005
    Scenario: A valid token is served by every operation
      Given Alice has a task "Buy milk"
      When Alice requests every operation
      Then every operation succeeds

    Scenario: The user is the one that the token names
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice asks for her list
      Then the list holds exactly "Buy milk"

    Scenario: Other claims of the token do not change who the user is
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When Alice asks for her list with a token that also claims Bob's id as user_id, id and email
      Then the list holds exactly "Buy milk"

    @FR-005 @offers-opaque-ids @CL-09
    Scenario Outline: A user id is any text of up to 255 characters, such as <kind>
      Given a user whose id is <kind>
      When that user creates a task titled "Mine" and reads it again
      Then both answers carry that user's id

      Examples:
        | kind                                   |
        | 32 letters and digits                  |
        | a UUID                                 |
        | a single character                     |
        | 255 characters                         |
        | an e-mail address                      |
        | text with spaces, percent and umlauts  |
        | text with a slash                      |
        | text with a quote, as of an injection  |

  @US1-AS1 @A-001
  Rule: A token carries what Better Auth's carries, and nothing else is demanded

    Scenario: A token with no claims but sub and exp is enough
      Given Alice has a task "Buy milk"
      When Alice asks for her list with a token that holds only sub and exp
      Then the list holds exactly "Buy milk"

  @FR-001
  Rule: The token comes as a Bearer token in the Authorization header

    Scenario Outline: The scheme may be written <scheme>
      Given Alice has a task "Buy milk"
      When Alice asks for her list with the scheme written "<scheme>"
      Then the list holds exactly "Buy milk"

      Examples: As the specification writes it
        | scheme |
        | Bearer |

      @CL-03
      Examples: In another case
        | scheme |
        | bearer |
        | BEARER |

    @SR-001
    Scenario Outline: A token <elsewhere> is no authentication
      Given Alice has a task "Buy milk"
      When Alice asks for her list with the token <elsewhere>
      Then no answer serves the request

      Examples:
        | elsewhere                |
        | in the query string      |
        | in a cookie              |
        | in an X-Auth-Token header |
        | without a scheme         |

    @SR-004 @CL-23
    Scenario Outline: The refusal asks for a Bearer token after <defect>
      Given Alice and Bob are users
      When every operation is requested with <defect>
      Then every 401 carries a Bearer challenge

      Examples:
        | defect                             |
        | no Authorization header            |
        | the scheme Basic                   |
        | two Authorization headers          |
        | garbage for a token                |
        | a token that expired 2 seconds ago |
        | a token without sub                |
        | another secret                     |
        | the token of an unknown user       |

  @US1-AS2
  Rule: A request without a token is refused

    @SR-004
    Scenario: No Authorization header
      Given Alice has a task "Buy milk"
      When every operation is requested with no Authorization header
      Then every answer is 401

    @SR-001
    Scenario: No Authorization header changes nothing
      Given Alice has a task "Buy milk"
      When every operation is requested with no Authorization header
      Then no answer serves the request
      And Alice's tasks are untouched

    Scenario: The refusal has a message
      Given Alice has a task "Buy milk"
      When every operation is requested with no Authorization header
      Then every answer has a message

    @SR-004 @CL-23
    Scenario: The challenge names the Bearer scheme
      Given Alice is a user
      When Alice's list is requested with no Authorization header
      Then the answer is 401
      And the challenge is Bearer without an error code

  @US1-AS3
  Rule: An expired token is refused

    Scenario Outline: A token that expired <ago>
      Given Alice has a task "Buy milk"
      When every operation is requested with a token that expired <ago>
      Then every answer is 401

      Examples:
        | ago           |
        | 2 seconds ago |
        | an hour ago   |
        | in 1970       |

    @FR-003
    Scenario Outline: A token that expired <ago> opens nothing
      Given Alice has a task "Buy milk"
      When every operation is requested with a token that expired <ago>
      Then no answer serves the request
      And Alice's tasks are untouched

      Examples:
        | ago           |
        | 2 seconds ago |
        | an hour ago   |
        | in 1970       |

    Scenario: The refusal says that the token expired
      Given Alice has a task "Buy milk"
      When every operation is requested with a token that expired 2 seconds ago
      Then every message says that the token expired

    @CL-23
    Scenario: The challenge to an expired token carries the error code
      Given Alice has a task "Buy milk"
      When every operation is requested with a token that expired 2 seconds ago
      Then every challenge carries the error invalid_token

    @FR-003
    Scenario: A token is good until it expires
      Given Alice has a task "Buy milk"
      When Alice asks for her list with a token that expires in a minute
      Then the list holds exactly "Buy milk"

    @FR-003
    Scenario: A token that was served before opens nothing once it has expired
      Given Alice has a task "Buy milk"
      And a token of Alice's was served and has expired since
      When that token is sent with every operation
      Then no answer serves the request
      And Alice's tasks are untouched

  @US1-AS4
  Rule: A tampered token is refused

    Scenario Outline: A token with <defect>
      Given Alice has a task "Buy milk"
      And Bob is a user
      When every operation is requested with <defect>
      Then every answer is 401

      Examples:
        | defect                        |
        | a tampered payload            |
        | a tampered signature          |
        | another secret                |
        | an empty secret               |

    Scenario Outline: The refusal of <defect> says that the signature is invalid
      Given Alice has a task "Buy milk"
      And Bob is a user
      When every operation is requested with <defect>
      Then every message says that the signature is invalid

      Examples:
        | defect               |
        | a tampered payload   |
        | a tampered signature |
        | another secret       |

    @CL-23
    Scenario Outline: The challenge to <defect> carries the error code
      Given Alice has a task "Buy milk"
      And Bob is a user
      When every operation is requested with <defect>
      Then every challenge carries the error invalid_token

      Examples:
        | defect               |
        | a tampered payload   |
        | a tampered signature |
        | another secret       |

  @EC-01
  Rule: A token whose user does not exist is refused
    It is signed and has not expired, but the account is not in the database. So it is a valid token
    by the words of SR-001 and SR-004: this edge case alone says that it is refused.

    Scenario: The user was never in the database
      Given Alice has a task "Buy milk"
      When every operation is requested with the token of an unknown user
      Then every answer is 401

    Scenario: The user was deleted after the token was issued
      Given Alice has a task "Buy milk"
      When the identity provider deletes Alice and every operation is requested
      Then every answer is 401

    Scenario: The refusal of an unknown user says so
      Given Alice has a task "Buy milk"
      When every operation is requested with the token of an unknown user
      Then every message says that the account is invalid or deleted

    Scenario: The refusal of a deleted user says so
      Given Alice has a task "Buy milk"
      When the identity provider deletes Alice and every operation is requested
      Then every message says that the account is invalid or deleted

    @CL-02
    Scenario Outline: The token of an unknown user and <flaw>
      Given Alice is a user
      When an unknown user sends to the own URL <flaw>
      Then every answer is 401

      Examples:
        | flaw                    |
        | broken JSON             |
        | a body without a title  |
        | a body that never comes |
        | a malformed task id     |

    @CL-02
    Scenario: An unknown user is refused before the URL is looked at
      Given Alice is a user
      When an unknown user requests every operation under Alice's URL
      Then every answer is 401

  @EC-02 @FR-005 @C-009
  Rule: The URL's user must be the token's

    Scenario: Another user's id in the URL
      Given Alice and Bob are users
      When Alice requests every operation under Bob's URL
      Then every answer is 403
      And the same operations are answered otherwise when nothing is wrong

    Scenario: A user id in the URL that nobody has
      Given Alice is a user
      When Alice requests every operation under the URL of nobody
      Then every answer is 403
      And the same operations are answered otherwise when nothing is wrong
