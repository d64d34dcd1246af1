Feature: Concurrency
  As one of many users I want my tasks right, whatever the others do at the same moment.

  @SC-008
  Rule: Concurrent requests corrupt nothing

    @FR-011
    Scenario: Toggles at the same time are all counted
      Given Alice has a task "Buy milk"
      When 40 clients toggle the task "Buy milk" once each, then one more does
      Then each toggle counts: the task "Buy milk" is completed

    @FR-011 @needs-database
    Scenario: Toggles that wait for one another are all counted
      Whoever reads before the wait and writes after it undoes what happened meanwhile.

      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When 2 clients toggle the task "Buy milk" while it is locked
      Then each toggle counts: the task "Buy milk" is open

    Scenario: Toggles at the same time are all answered
      Given Alice has a task "Buy milk"
      When 40 clients toggle the task "Buy milk" once each, then one more does
      Then every request is answered, and none with a failure of the server

    @needs-database
    Scenario: Toggles that wait for one another are all answered
      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When 2 clients toggle the task "Buy milk" while it is locked
      Then every request is answered, and none with a failure of the server

    Scenario: Updates at the same time are all answered
      Given Alice has a task "Buy milk"
      When Alice changes the task "Buy milk" 40 times at the same time, to a title and a description each
      Then every request is answered, and none with a failure of the server

    Scenario: Creations at the same time are all stored, once each
      Given Alice is a user
      When 40 clients create 2 tasks each for Alice at the same time
      Then every operation succeeds
      And Alice's list holds each of the 80 tasks once

    Scenario: Many users work at the same time
      Given 40 users with 1 task each
      When all of them create, change, toggle, delete and list at the same time
      Then every operation succeeds
      And every user's list holds exactly what that user left there

    @CL-21
    Scenario: Of many deletions of one task exactly one succeeds
      Given Alice has a task "Buy milk"
      When 20 clients delete the task "Buy milk" at the same time
      Then exactly one deletion succeeds and all others are 404

    @needs-database @CL-21
    Scenario: Of deletions that wait for one another exactly one succeeds
      Whoever looks for the task before the wait and does not look after it reports a deletion too many.

      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When 3 clients delete the task "Buy milk" while it is locked
      Then exactly one deletion succeeds and all others are 404
      And Alice's list is empty

    Scenario: Deletions at the same time are all answered
      Given Alice has a task "Buy milk"
      When 20 clients delete the task "Buy milk" at the same time
      Then every request is answered, and none with a failure of the server

    @needs-database
    Scenario: Deletions that wait for one another are all answered
      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When 3 clients delete the task "Buy milk" while it is locked
      Then every request is answered, and none with a failure of the server

    Scenario: A deletion that races with updates and toggles ends cleanly
      Given Alice has 20 tasks
      When each of these tasks is updated, toggled and deleted at the same time
      Then every answer is one of 200, 204 and 404
      And each task was deleted once
      And Alice's list is empty

    @needs-database
    Scenario: An update and a toggle that wait for a deletion end cleanly
      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When a deletion of the task "Buy milk", an update and a toggle wait for its lock, in turn
      Then every answer is one of 200, 204 and 404
      And each task was deleted once
      And Alice's list is empty

    @needs-database
    Scenario: A locked row costs nobody an answer
      While it is locked, others may have to wait: a server may carry out one request after the other.

      Given Alice has a task "Buy milk"
      And Bob is a user
      And the operator holds a lock on the task "Buy milk"
      When Alice toggles the task "Buy milk" while it is locked, and Bob asks for his list 20 times
      Then every answer is 200

    @alone
    Scenario: 200 clients read at the same time
      Given 20 users with 3 tasks each
      When 200 clients ask for these users' lists at the same time
      Then every list is answered, and holds exactly the user's own tasks

    @alone @needs-database
    Scenario: 200 clients whose reading has to wait for a moment
      Given 20 users with 3 tasks each
      And the operator holds a lock on all tasks
      When 200 clients ask for these users' lists while all tasks are locked
      Then every list is answered, and holds exactly the user's own tasks

    Scenario: 20 users who read again and again
      Given 20 users with 3 tasks each
      When all of them ask for their lists at the same time, 5 times each
      Then every list is answered, and holds exactly the user's own tasks

    @needs-database
    Scenario: Creations that race with the deletion of their user are all answered
      Given Alice is a user
      When Alice creates 20 tasks at the same time while the identity provider deletes Alice
      Then every request is answered, and none with a failure of the server
