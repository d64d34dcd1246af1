Feature: Update and delete tasks
  As a user I want to correct tasks and to get rid of them.

  @US3-AS1 @FR-009
  Rule: PUT replaces title and description

    Scenario: New title and description
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" to the title "Buy oat milk" and the description "Barista"
      Then the answer is 200 with a task
      And the task has the title "Buy oat milk" and the description "Barista"
      And reading it again gives the same task

    Scenario: A description that is left out becomes null
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice changes the task "Buy milk" to the title "Buy oat milk"
      Then the answer is 200 with a task
      And the task has the title "Buy oat milk" and no description
      And reading it again gives the same task

    @CL-17
    Scenario Outline: PUT leaves completion alone when the task is <state>
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is <state>
      When Alice changes the task "Buy milk" with a body that also sets is_completed to the opposite
      Then the answer is 200 with a task
      And the task is still <state>

      Examples:
        | state     |
        | open      |
        | completed |

    @SR-002
    Scenario: PUT cannot give a task away
      Given Alice has a task "Buy milk"
      And Bob is a user
      When Alice changes the task "Buy milk" with a body that also sets user_id to Bob's
      Then the answer is a task
      And the task belongs to Alice
      And Bob's list is empty

    Scenario: Only the task that is named changes
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice changes the task "two" to the title "second"
      Then Alice's list holds exactly "one", "second", "three"

  @US3-AS2 @FR-010
  Rule: DELETE removes a task for good

    Scenario: Delete an own task
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice deletes the task "two"
      Then the answer is 204 without a body
      And reading the task "two" is answered 404
      And Alice's list holds exactly "one", "three"

    @needs-database
    Scenario: Nothing of it stays in the database
      Given Alice has a task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then no row of the task "Buy milk" is left in the database

    Scenario: A second deletion finds nothing
      Given Alice has a task "Buy milk"
      And Alice has deleted the task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then the answer is 404

  @US3-AS3 @SR-005
  Rule: Another user's task cannot be changed or deleted

    @FR-009
    Scenario: PUT on another user's task
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice changes Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And Bob's tasks are untouched

    @FR-010
    Scenario: DELETE on another user's task
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice deletes Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And Bob's tasks are untouched

  @US3-AS4
  Rule: A task that does not exist is not found

    Scenario: PUT on an id that nobody has
      Given Alice is a user
      When Alice changes a task that does not exist
      Then the answer is 404

    Scenario: DELETE on an id that nobody has
      Given Alice is a user
      When Alice deletes a task that does not exist
      Then the answer is 404
