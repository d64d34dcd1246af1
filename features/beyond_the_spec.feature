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

    Scenario: The contract as committed
      When the server compares itself with the committed contract
      Then it finds no difference

    Scenario: A contract that differs
      When the server compares itself with a contract that lacks an operation
      Then it says what differs
