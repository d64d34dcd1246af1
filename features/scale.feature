Feature: Scale
  As a user I do not want to wait longer because others have many tasks, too.

  @SC-009 @needs-database @alone
  Rule: Lookups by user id are indexed and take under 100 milliseconds

    Scenario: A table of 100,000 tasks of 1,000 users
      Given a table of 100,000 tasks of 1,000 users
      When 100 of these users ask for their lists
      Then the database looks tasks up by user through an index
      And the slowest lookup in the database took under 100 milliseconds
      And the slowest answer took under 3 seconds
