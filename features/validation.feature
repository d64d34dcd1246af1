Feature: Validation
  As a client I want to be told exactly what is wrong with what I sent.

  @FR-013 @SC-010
  Rule: A title has 1 to 200 characters

    @EC-03
    Scenario Outline: Creating and updating with a title of <length> characters is refused
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with a title of <length> characters
      Then every answer is 422
      And every answer's details name "title"
      And Alice's tasks are untouched

      Examples:
        | length |
        | 201    |
        | 1000   |
        | 20000  |

    Scenario Outline: Creating and updating with <title> is refused
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <title>
      Then every answer is 422
      And every answer's details name "title"
      And Alice's tasks are untouched

      Examples:
        | title                          |
        | no title                       |
        | an empty title                 |
        | null for a title               |
        | a number for a title           |
        | true for a title               |
        | a list for a title             |
        | an object for a title          |

      @CL-13
      Examples: A clarification: what PostgreSQL cannot hold
        | title                          |
        | a title that holds U+0000      |
        | a title that holds a lone surrogate |

      @CL-11
      Examples: A clarification: what counts as a character
        | title                          |
        | a title of spaces              |
        | a title of Unicode white space |

    Scenario Outline: A title of <title> is accepted
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with a title of <title>
      Then every operation succeeds
      And both tasks have that title

      Examples:
        | title                             |
        | 1 character                       |
        | 200 characters                    |
        | right-to-left text                |

      @CL-11
      Examples: A clarification: what counts as a character
        | title                             |
        | 200 emoji                         |
        | 200 characters inside white space |

  @FR-014 @SC-010
  Rule: A description has up to 2000 characters

    Scenario Outline: Creating and updating with <description> is refused
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <description>
      Then every answer is 422
      And every answer's details name "description"
      And Alice's tasks are untouched

      Examples:
        | description                            |
        | a description of 2001 characters       |
        | a description of 20000 characters      |
        | a number for a description             |
        | a list for a description               |

      @CL-13
      Examples: A clarification: what PostgreSQL cannot hold
        | description                            |
        | a description that holds U+0000        |
        | a description that holds a lone surrogate |

    Scenario Outline: Creating and updating with <description> is accepted
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <description>
      Then every operation succeeds
      And both tasks have that description

      Examples:
        | description                      |
        | a description of 2000 characters |
        | an empty description             |

      @CL-12
      Examples: A clarification: what a description may be
        | description                      |
        | a description of 2000 emoji      |
        | null for a description           |

  @SC-010
  Rule: Whatever is not the JSON of a task is refused as such

    @EC-06
    Scenario Outline: <body>
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <body> for a body
      Then every answer is 422
      And every answer has details with a message
      And Alice's tasks are untouched

      Examples: Not JSON
        | body                           |
        | broken JSON                    |
        | nothing                        |
        | plain text                     |
        | invalid UTF-8                  |
        | a title of NaN                 |
        | two JSON documents             |

      @CL-15
      Examples: A clarification: not JSON at all
        | body                           |
        | UTF-16                         |
        | a nesting of 50,000 brackets   |
        | a number of 5,000 digits       |
        | NaN                            |
        | a title beside NaN             |
        | a title of 1e999               |

      Examples: JSON, but not an object
        | body                           |
        | a list                         |
        | a text                         |
        | a number                       |
        | null                           |

      @CL-15
      Examples: JSON, but not said to be
        | body                           |
        | a form                         |
        | JSON as text/plain             |

    @FR-008 @FR-009 @FR-010 @FR-011 @CL-09
    Scenario Outline: A task id that is <malformed>
      Given Alice is a user
      When Alice reads, changes, deletes and toggles the task <id>
      Then every answer is 422
      And every answer's details name "task_id"

      Examples:
        | malformed              | id                                       |
        | a number               | 42                                       |
        | a word                 | milk                                     |
        | a UUID too short       | 8e1b9f0c-5b7d-4a30-9f6e-2f0c9a1b2c3      |
        | a UUID with a letter g | 8e1b9f0c-5b7d-4a30-9f6e-2f0c9a1b2c3g     |
        | U+0000                 | %00                                      |
        | invalid UTF-8          | %FF                                      |
        | 10,000 characters      | {10000}                                  |

    @CL-14
    Scenario: Unknown fields are ignored
      Given Alice is a user
      When Alice creates a task with fields that the API does not know
      Then the answer is a task
