Feature: Create and list tasks
  As a user I want to write down tasks and see all of them.

  @FR-006
  Rule: POST to /api/{user_id}/tasks creates a task

    @US2-AS1
    Scenario: A task with title and description
      Given Alice is a user
      When Alice creates a task titled "Buy milk" with the description "Two litres"
      Then the answer is a success
      And Alice's list holds exactly "Buy milk"
      And Alice's task "Buy milk" has the description "Two litres" and is open

    @US2-AS1
    Scenario: A task without a description
      Given Alice is a user
      When Alice creates a task titled "Buy milk"
      Then the answer is a success
      And Alice's list holds exactly "Buy milk"
      And Alice's task "Buy milk" has no description

    @CL-12
    Scenario: A description is kept as sent
      Given Alice is a user
      When Alice creates a task titled "Buy milk" with the description "  two litres "
      Then the answer is a success
      And Alice's task "Buy milk" has the description "  two litres " and is open

    @FR-013 @CL-11
    Scenario: White space around a title is dropped
      Given Alice is a user
      When Alice creates a task titled "  Buy milk "
      Then the answer is a success
      And Alice's list holds exactly "Buy milk"

    @CL-14
    Scenario: What the body says beyond title and description changes nothing
      Given Alice and Bob are users
      When Alice creates a task whose body also sets user_id to Bob's, id, is_completed and both timestamps
      Then the answer is a task
      And the task belongs to Alice and is open
      And the task's id and timestamps are not those of the body
      And Bob's list is empty

  @US2-AS1
  Rule: A creation is answered 201 with the task

    Scenario: The status of a creation
      Given Alice is a user
      When Alice creates a task titled "Buy milk"
      Then the answer is 201

    Scenario: The body of a creation
      Given Alice is a user
      When Alice creates a task titled "Buy milk" with the description "Two litres"
      Then the body is the task itself
      And the task has the title "Buy milk" and the description "Two litres"
      And the task belongs to Alice and is open

  @SR-002
  Rule: A body does not say who creates a task

    Scenario: A body that names another user
      Given Alice and Bob are users
      When Alice creates a task whose body also sets user_id to Bob's
      Then Bob's list is empty

    Scenario: A body cannot give a task to somebody else, nor to somebody without a token
      Given Alice and Bob are users
      When a task is created with no token and a body that names Alice as the user
      Then Alice's list is empty

  @US2-AS2 @FR-007
  Rule: GET on /api/{user_id}/tasks lists all of the user's tasks

    Scenario: All tasks are in the list
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice asks for her list
      Then the list holds exactly "one", "two", "three"

    Scenario: A user without tasks has an empty list
      Given Alice is a user
      When Alice asks for her list
      Then the list is empty

    Scenario: A list is complete
      Given Alice has 120 tasks
      When Alice asks for her list
      Then the list holds 120 different tasks

    @CL-18
    Scenario: A list is a JSON array
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice asks for her list
      Then the answer is 200 with a JSON array of tasks

    @CL-18
    Scenario: An empty list is an empty JSON array
      Given Alice is a user
      When Alice asks for her list
      Then the answer is 200 with an empty JSON array

  @US2-AS2
  Rule: A list is sorted by creation date, newest first

    Scenario: The newest task comes first
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice asks for her list
      Then the list is "three", "two", "one"

    Scenario: Changing a task does not move it
      Given Alice has created the tasks "one", "two" and "three" in this order
      And Alice's task "one" is completed
      When Alice asks for her list
      Then the list is "three", "two", "one"

    Scenario: Updating a task does not move it
      Given Alice has created the tasks "one", "two" and "three" in this order
      And Alice's task "one" has been updated
      When Alice asks for her list
      Then the list is "three", "two", "one"

    Scenario: A long list is sorted, too
      Given Alice has 120 tasks
      When Alice asks for her list
      Then the list is ordered newest first

    @needs-database @CL-18
    Scenario: Tasks created at the same instant are ordered by id, descending
      Given Alice has 5 tasks created at the same instant
      When Alice asks for her list
      Then the list is ordered by creation date and id, both descending

  @US2-AS3
  Rule: A task needs a title

    Scenario: A body without a title
      Given Alice is a user
      When Alice creates a task without a title
      Then the answer is 422
      And the same operation is answered otherwise when nothing is wrong
      And the details of the answer name "title"

    @FR-013
    Scenario: Nothing is created without a title
      Given Alice is a user
      When Alice creates a task without a title
      Then every answer refuses what was sent
      And Alice's list is empty

  @US2-AS4 @SR-005 @spec-paths
  Rule: Nobody sees another user's list

    Scenario: User A asks for user B's list
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice asks for Bob's list
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong
