Feature: Concurrency
  As one of many users I want my tasks right, whatever the others do at the same moment.

  @SC-008
  Rule: Concurrent requests corrupt nothing

    @FR-011
    Scenario: Toggles at the same time are all counted
      Given Alice has a task "Buy milk"
      When 40 clients toggle the task "Buy milk" once each, then one more does
      Then every answer is 200
      And the task "Buy milk" is completed

    @FR-011 @needs-database
    Scenario: Toggles that wait for one another are all counted
      Whoever reads before the wait and writes after it undoes what happened meanwhile.

      Given Alice has a task "Buy milk"
      And the operator holds a lock on the task "Buy milk"
      When 2 clients toggle the task "Buy milk" and both wait until the lock is released
      Then every answer is 200
      And the task "Buy milk" is open

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

    @FR-010 @CL-21
    Scenario: Of many deletions of one task exactly one succeeds
      Given Alice has a task "Buy milk"
      When 20 clients delete the task "Buy milk" at the same time
      Then exactly one deletion succeeds and all others are 404

    Scenario: A deletion that races with updates and toggles ends cleanly
      Given Alice has 20 tasks
      When each of these tasks is updated, toggled and deleted at the same time
      Then every answer is one of 200, 204 and 404
      And each task was deleted once
      And Alice's list is empty

    @needs-database
    Scenario: A locked row holds up nobody else
      Given Alice has a task "Buy milk"
      And Bob is a user
      And the operator holds a lock on the task "Buy milk"
      When Alice toggles the task "Buy milk" and meanwhile Bob asks for his list 20 times
      Then Bob was answered 200 each time before Alice was
      And Alice's toggle succeeds when the lock is released
