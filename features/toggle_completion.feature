Feature: Toggle completion
  As a user I want to tick tasks off, and to open them again.

  @FR-011
  Rule: PATCH on .../complete toggles completion

    @US4-AS1
    Scenario: An open task becomes completed
      Given Alice has a task "Buy milk"
      When Alice toggles the task "Buy milk"
      Then the answer is 200 with a task
      And the task is completed
      And reading it again gives the same task

    @US4-AS2
    Scenario: A completed task becomes open
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is completed
      When Alice toggles the task "Buy milk"
      Then the answer is 200 with a task
      And the task is open
      And reading it again gives the same task

    Scenario: Toggling changes nothing else
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice toggles the task "Buy milk"
      Then the task has the title "Buy milk" and the description "Two litres"

    Scenario: Only the task that is named is toggled
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice toggles the task "two"
      Then of Alice's tasks exactly "two" is completed

    @US4-AS3 @SR-005
    Scenario: Another user's task cannot be toggled
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice toggles Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong
      And Bob's tasks are untouched

    @US4-AS4
    Scenario: Toggling an id that nobody has
      Given Alice is a user
      When Alice toggles a task that does not exist
      Then the answer is 404
      And the same operation is answered otherwise when nothing is wrong
