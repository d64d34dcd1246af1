Feature: Cross-origin requests
  As the frontend I call the API from another origin, with credentials.

  @FR-020
  Rule: The configured origin may call the API, no other may

    @spec-paths
    Scenario Outline: The allowed origin may read an answer of <status>
      Given Alice has a task "Buy milk"
      And Bob has a task "Sell bread"
      When the frontend requests the operation "<operation>" for Alice when <situation>
      Then the answer allows the frontend's origin, with credentials

      Examples:
        | status | operation | situation               |
        | 200    | list      | all is well             |
        | 201    | create    | all is well             |
        | 204    | delete    | all is well             |

      @CL-25
      Examples: A clarification: refusals
        | status | operation | situation               |
        | 401    | list      | no token is sent        |
        | 403    | list      | the URL is Bob's        |
        | 404    | read      | the task does not exist |
        | 405    | read      | the method is wrong     |
        | 413    | create    | the body is too large   |
        | 422    | create    | the body is invalid     |

    @needs-outage @CL-25
    Scenario: The allowed origin may read an answer of 500
      Given Alice is a user
      When the frontend asks for Alice's list while the database is stopped
      Then the answer allows the frontend's origin, with credentials

    Scenario Outline: The origin <origin> is not allowed
      Given Alice is a user
      When a page of <origin> asks for Alice's list
      Then the answer does not allow the page's origin

      Examples:
        | origin                             |
        | https://evil.example.test          |
        | null                               |
        | https://app.example.test.evil.test |
        | http://app.example.test            |
        | https://evilapp.example.test       |
        | https://app.example.test:8443      |
        | https://appxexample.test           |

    Scenario Outline: A preflight for <method> needs no token
      Given Alice is a user
      When the frontend asks in a preflight whether it may send <method> with a token
      Then the preflight allows it with the headers Authorization and Content-Type
      And the answer allows the frontend's origin, with credentials

      Examples:
        | method |
        | GET    |
        | POST   |
        | PUT    |
        | PATCH  |
        | DELETE |

    Scenario: A preflight of another origin is not allowed
      Given Alice is a user
      When a page of https://evil.example.test asks in a preflight whether it may send PUT with a token
      Then the answer does not allow the page's origin

    @CL-25
    Scenario: Another origin is told none
      Given Alice is a user
      When a page of https://evil.example.test asks for Alice's list
      Then the answer does not allow any origin

    @CL-25
    Scenario: Answers to different origins are kept apart in caches
      Given Alice is a user
      When the frontend asks for Alice's list
      Then the answer varies by origin

    @C-008 @needs-restart
    Scenario: The allowed origin is the one that the environment names
      Given Alice is a user
      When another server is started with another allowed origin, and a page of that origin asks it for Alice's list
      Then the answer allows that other origin

    @needs-restart @CL-25
    Scenario: The server does not start when any origin is allowed
      When the server is started with a CORS origin that is any origin, as *
      Then it refuses to start
