Feature: Read one task
  As a user I want to look at one task with everything that is known of it.

  @FR-008
  Rule: GET on /api/{user_id}/tasks/{task_id} returns one task

    @US5-AS1
    Scenario: Read an own task
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice reads the task "Buy milk"
      Then the answer is 200 with a task
      And the task has the title "Buy milk" and the description "Two litres"
      And the task belongs to Alice and is open

    @US5-AS2 @SR-005
    Scenario: Another user's task cannot be read
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice reads Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the answer does not mention "Sell bread"

    @US5-AS3
    Scenario: Reading an id that nobody has
      Given Alice is a user
      When Alice reads a task that does not exist
      Then the answer is 404

  @US5-AS4
  Rule: The body has every field of a task

    Scenario: A task has exactly the seven fields
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice reads the task "Buy milk"
      Then the task has exactly the fields id, user_id, title, description, is_completed, created_at and updated_at
      And each field has its type, ids are UUIDs and timestamps are RFC 3339 in UTC
