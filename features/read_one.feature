Feature: Read one task
  As a user I want to look at one task with everything that is known of it.

  @FR-008
  Rule: GET on /api/{user_id}/tasks/{task_id} returns one task

    @US5-AS1
    Scenario: Read an own task
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice reads the task "Buy milk"
      Then the answer is a task
      And the task has the title "Buy milk" and the description "Two litres"
      And the task belongs to Alice and is open

    @US5-AS1
    Scenario: The task that is named is the one that is read
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice reads the task "two"
      Then the answer is a task
      And the task has the title "two"

  @US5-AS1
  Rule: Reading a task is answered 200 with the whole task

    Scenario: The status of reading
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk"
      Then the answer is 200

    Scenario: The body of reading
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk"
      Then the body is the task itself

  @US5-AS2 @SR-005
  Rule: Another user's task cannot be read

    Scenario: Another user's task is refused
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice reads Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong

    @SC-004
    Scenario: It is refused when its owner has read it before, too
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Bob and Alice read Bob's task in turn, twice, Alice under her own URL
      Then every answer to Alice is 403

  @US5-AS3
  Rule: A task that does not exist is not found

    Scenario: Reading an id that nobody has
      Given Alice is a user
      When Alice reads a task that does not exist
      Then the answer is 404
      And the same operation is answered otherwise when nothing is wrong

  @US5-AS4
  Rule: The body of a task has every field

    Scenario: A task has the seven fields
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice reads the task "Buy milk"
      Then the task has the fields id, user_id, title, description, is_completed, created_at and updated_at

    Scenario: A task without a description has the field all the same
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk"
      Then the task has the fields id, user_id, title, description, is_completed, created_at and updated_at

    Scenario: Each field has its type
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice reads the task "Buy milk"
      Then texts are texts, the completion flag is true or false, and timestamps can be read

    @CL-09
    Scenario: The id of a task is a UUID
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk"
      Then the id of the task is a UUID

    @CL-19
    Scenario: Timestamps are RFC 3339 in UTC
      Given Alice has a task "Buy milk"
      When Alice reads the task "Buy milk"
      Then the timestamps are RFC 3339 in UTC, with Z
