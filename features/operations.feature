Feature: Operating and judging the API
  As a judge I want to try the API with my own hands and to see that nothing is there that nobody asked for.

  @SC-011
  Rule: The API needs no frontend

    Scenario: The life of a task, as curl would send it
      Given Alice is a user
      When a plain HTTP client creates, lists, reads, updates, toggles and deletes a task with Alice's token
      Then every operation succeeds

    Scenario: Requests from outside a browser carry no origin and are served
      Given Alice is a user
      When a plain HTTP client asks for Alice's list
      Then the answer is a success

  @SC-012
  Rule: All behaviour is traceable to the spec

    Scenario: Every requirement has a scenario, and every scenario a requirement
      When the server's own description is read beside the spec and the features
      Then every requirement of the spec that a test can show has a scenario
      And every scenario names a requirement of the spec

  Rule: Each operation is where the spec has it
    A server that has it elsewhere is judged there for all the rest.

    Scenario Outline: The operation "<operation>" is at <method> <path>
      Given Alice is a user
      When Alice requests the operation "<operation>" where the server has it
      Then it is at <method> <path>

      @FR-006 @US2-AS1
      Examples: Create
        | operation | method | path                                    |
        | create    | POST   | /api/{user_id}/tasks                    |
      @FR-007 @US2-AS2
      Examples: List
        | operation | method | path                                    |
        | list      | GET    | /api/{user_id}/tasks                    |
      @FR-008
      Examples: Read
        | operation | method | path                                    |
        | read      | GET    | /api/{user_id}/tasks/{task_id}          |
      @FR-009
      Examples: Update
        | operation | method | path                                    |
        | update    | PUT    | /api/{user_id}/tasks/{task_id}          |
      @FR-010
      Examples: Delete
        | operation | method | path                                    |
        | delete    | DELETE | /api/{user_id}/tasks/{task_id}          |
      @FR-011
      Examples: Toggle
        | operation | method | path                                    |
        | toggle    | PATCH  | /api/{user_id}/tasks/{task_id}/complete |

  @C-004
  Rule: The API verifies tokens and issues none

    Scenario: No answer ever holds a token
      Given Alice has a task "Buy milk"
      When Alice requests every operation
      Then every operation succeeds
      And no answer holds a token or sets a cookie

  @C-008 @needs-restart
  Rule: Configuration comes from environment variables only

    Scenario: The port is the one that the environment names
      When the server is started on another port
      Then it serves on that port

  @SC-007 @C-008
  Rule: The server keeps no state between requests

    @needs-restart
    Scenario: A token that was issued before a restart is good after it
      Given Alice has a task "Buy milk"
      When the server is killed and started again, and Alice asks for her list
      Then the list holds exactly "Buy milk"
