Feature: Toggle completion
  As a user I want to tick tasks off, and to open them again.

  @FR-011
  Rule: PATCH on .../complete toggles completion

    @US4-AS1
    Scenario: An open task becomes completed
      Given Alice has a task "Buy milk"
      When Alice toggles the task "Buy milk"
      Then the answer is a success
      And the task "Buy milk" is completed

    @US4-AS2
    Scenario: A completed task becomes open
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is completed
      When Alice toggles the task "Buy milk"
      Then the answer is a success
      And the task "Buy milk" is open

    Scenario: Toggling changes nothing else
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice toggles the task "Buy milk"
      Then Alice's task "Buy milk" has its title and its description as before

    Scenario: Only the task that is named is toggled
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice toggles the task "two"
      Then of Alice's tasks exactly "two" is completed

  Rule: A toggle is answered 200

    @US4-AS1
    Scenario: The status of completing
      Given Alice has a task "Buy milk"
      When Alice toggles the task "Buy milk"
      Then the answer is 200

    @US4-AS2
    Scenario: The status of reopening
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is completed
      When Alice toggles the task "Buy milk"
      Then the answer is 200

  @US4-AS3
  Rule: Another user's task cannot be toggled

    @SR-005
    Scenario: Another user's task is refused
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice toggles Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong

    @FR-012 @SR-003
    Scenario: Another user's task stays as it is
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice toggles Bob's task "Sell bread" under her own URL
      Then Bob's tasks are untouched

  @US4-AS4
  Rule: A task that does not exist is not found

    Scenario: Toggling an id that nobody has
      Given Alice is a user
      When Alice toggles a task that does not exist
      Then the answer is 404
      And the same operation is answered otherwise when nothing is wrong
