Feature: Persistence
  As a user I want my tasks to be there tomorrow, whatever happened to the server meanwhile.

  @FR-015 @needs-database
  Rule: All task data is in PostgreSQL

    Scenario: What the API stored is what the database holds
      Given Alice is a user
      When Alice creates a task titled "Buy milk" with the description "Two litres"
      Then the database holds that task with the same values, as Alice's
      And the task's user column is a foreign key to the users

    @SC-007
    Scenario: A task is acknowledged only once the database has committed it
      Here PostgreSQL refuses at the last moment, so that a 201 would be a promise not kept.

      Given Alice is a user
      And the database refuses to commit any new task
      When Alice creates a task titled "Buy milk"
      Then the answer is 500
      And Alice's list is empty

    Scenario: What the operator changes is what the API answers
      Nothing is kept outside the database.

      Given Alice has a task "Buy milk"
      And the operator renames the task "Buy milk" to "Buy oat milk" in the database
      When Alice asks for her list
      Then the list holds exactly "Buy oat milk"

  @FR-016
  Rule: created_at is set on creation, and stays

    @alone
    Scenario: A new task carries the time of its creation
      Given Alice is a user
      When Alice creates a task titled "Buy milk"
      Then the task's created_at lies between the sending of the request and its answer
      And its updated_at is the same

    Scenario: Nothing changes created_at
      Given Alice has a task "Buy milk"
      When Alice toggles the task "Buy milk" and changes it with a body that also sets both timestamps
      Then every answer has the task's first created_at

  @FR-017
  Rule: updated_at advances with every modification

    Scenario Outline: <change>
      Given Alice has a task "Buy milk"
      When Alice <change> the task "Buy milk"
      Then the task's updated_at is later than before
      And reading it again gives the same task

      Examples:
        | change                   |
        | renames                  |
        | completes                |
        | completes and reopens    |

      @CL-17
      Examples: A clarification: no change is one, too
        | change                   |
        | replaces with the same   |

    Scenario: Reading changes no timestamp
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk" and then asks for her list
      Then the task's updated_at is as before

  @SC-007
  Rule: Data survives restarts

    @needs-restart
    Scenario: The server is killed and started again
      Given Alice has created the tasks "one", "two" and "three" in this order
      And Alice's task "two" is completed
      When the server is killed and started again, and Alice asks for her list
      Then the list holds exactly "one", "two", "three"
      And Alice's tasks are untouched

    @needs-restart
    Scenario: A task that was acknowledged just before the kill is there
      Given Alice is a user
      When Alice creates a task titled "last words", the server is killed and started again
      Then Alice's list holds exactly "last words"

    @needs-outage
    Scenario: PostgreSQL is restarted under the running server
      Given Alice has created the tasks "one", "two" and "three" in this order
      When PostgreSQL is restarted and Alice asks for her list
      Then the list holds exactly "one", "two", "three"

    @needs-outage
    Scenario: PostgreSQL was away while requests came
      Given Alice has a task "Buy milk"
      When Alice requests every operation while the database is stopped
      Then Alice's list holds exactly "Buy milk"

    @needs-outage
    Scenario: PostgreSQL is restarted between two writes
      Given Alice has a task "Buy milk"
      When Alice renames the task "Buy milk", PostgreSQL is restarted, and Alice completes it
      Then every answer is 200
      And Alice's list holds exactly "renamed"
      And the task is completed
