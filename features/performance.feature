Feature: Performance
  As a user I do not want to wait. The figures are kept with the evidence.

  @SC-001 @alone
  Rule: Creating a task answers in under 3 seconds

    Scenario: The slowest of many creations
      Given Alice has 50 tasks
      When Alice creates 100 tasks, one after the other
      Then the slowest answer took under 3 seconds

    Scenario: The slowest creation among concurrent ones
      Given 20 users with 1 task each
      When each of them creates 5 tasks at the same time
      Then the slowest answer took under 3 seconds

  @SC-002 @alone
  Rule: Listing tasks answers in under 3 seconds

    Scenario: The slowest of many lists
      Given Alice has 50 tasks
      When Alice asks for her list 100 times
      Then the slowest answer took under 3 seconds

    Scenario: A list of 1,000 tasks
      Given Alice has 1000 tasks
      When Alice asks for her list 10 times
      Then the slowest answer took under 3 seconds
