Feature: Update and delete tasks
  As a user I want to correct tasks and to get rid of them.

  @US3-AS1 @FR-009
  Rule: PUT updates title and description

    Scenario: New title and description
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" to the title "Buy oat milk" and the description "Barista"
      Then the answer is a success
      And Alice's list holds exactly "Buy oat milk"
      And Alice's task "Buy oat milk" has the description "Barista"

    Scenario: Only the task that is named changes
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice changes the task "two" to the title "second"
      Then Alice's list holds exactly "one", "second", "three"

    Scenario: A description that is left out becomes null
      Given Alice has a task "Buy milk" with the description "Two litres"
      When Alice changes the task "Buy milk" to the title "Buy oat milk"
      Then the answer is a success
      And Alice's task "Buy oat milk" has no description

    Scenario Outline: PUT leaves completion alone when the task is <state>
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is <state>
      When Alice changes the task "Buy milk" to the title "Buy oat milk"
      Then the answer is a success
      And the task "Buy milk" is <state>

      Examples:
        | state     |
        | open      |
        | completed |

    @CL-14
    Scenario Outline: PUT takes no completion from a body when the task is <state>
      Given Alice has a task "Buy milk"
      And Alice's task "Buy milk" is <state>
      When Alice changes the task "Buy milk" with a body that also sets is_completed to the opposite
      Then the answer is a success
      And the task "Buy milk" is <state>

      Examples:
        | state     |
        | open      |
        | completed |

  @US3-AS1
  Rule: An update is answered 200 with the task

    Scenario: The status of an update
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" to the title "Buy oat milk" and the description "Barista"
      Then the answer is 200

    Scenario: The body of an update
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" to the title "Buy oat milk" and the description "Barista"
      Then the body is the task itself
      And the task has the title "Buy oat milk" and the description "Barista"
      And reading it again gives the same task

  @SR-002
  Rule: A body does not say whose task it is

    Scenario: PUT cannot give a task away
      Given Alice has a task "Buy milk"
      And Bob is a user
      When Alice changes the task "Buy milk" with a body that also sets user_id to Bob's
      Then Bob's list is empty
      And Alice's list holds exactly "Buy milk"

  @FR-010
  Rule: DELETE removes a task for good

    @US3-AS2
    Scenario: Delete an own task
      Given Alice has created the tasks "one", "two" and "three" in this order
      When Alice deletes the task "two"
      Then the answer is a success
      And Alice's list holds exactly "one", "three"

    @US3-AS2
    Scenario: A deleted task cannot be read
      Given Alice has a task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then the answer is a success
      And reading the task "Buy milk" finds nothing

    @needs-database @US3-AS2
    Scenario: Nothing of it stays in the database
      Given Alice has a task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then no row of the task "Buy milk" is left in the database

  @US3-AS2
  Rule: A deletion is answered 204 without a body

    Scenario: The status of a deletion
      Given Alice has a task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then the answer is 204

    Scenario: The body of a deletion
      Given Alice has a task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then the answer has no body

  @US3-AS3
  Rule: Another user's task cannot be changed or deleted

    @SR-005
    Scenario: PUT on another user's task
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice changes Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong

    @SR-005
    Scenario: DELETE on another user's task
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice deletes Bob's task "Sell bread" under her own URL
      Then the answer is 403
      And the same operation is answered otherwise when nothing is wrong

    @FR-012 @SR-003
    Scenario: PUT leaves another user's task as it is
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice changes Bob's task "Sell bread" under her own URL
      Then Bob's tasks are untouched

    @FR-012 @SR-003
    Scenario: DELETE leaves another user's task as it is
      Given Alice is a user
      And Bob has a task "Sell bread"
      When Alice deletes Bob's task "Sell bread" under her own URL
      Then Bob's tasks are untouched

  @US3-AS4
  Rule: A task that does not exist is not found

    Scenario: PUT on an id that nobody has
      Given Alice is a user
      When Alice changes a task that does not exist
      Then the answer is 404
      And the same operation is answered otherwise when nothing is wrong

    Scenario: DELETE on an id that nobody has
      Given Alice is a user
      When Alice deletes a task that does not exist
      Then the answer is 404
      And the same operation is answered otherwise when nothing is wrong

    Scenario: A second deletion finds nothing
      Given Alice has a task "Buy milk"
      And Alice has deleted the task "Buy milk"
      When Alice deletes the task "Buy milk"
      Then the answer is 404
