Feature: Validation
  As a client I want to be told exactly what is wrong with what I sent.

  @SC-010
  Rule: What is no title is answered 422 with a clear message

    @EC-03
    Scenario Outline: A title of <length> characters is answered 422, naming the field
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with a title of <length> characters
      Then every answer is 422
      And the same operations are answered otherwise when nothing is wrong
      And every answer's details name "title"

      Examples:
        | length |
        | 201    |
        | 1000   |
        | 20000  |

    Scenario Outline: Creating and updating with <title> is answered 422
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <title>
      Then every answer is 422
      And the same operations are answered otherwise when nothing is wrong
      And every answer's details name "title"
      And Alice's tasks are untouched

      Examples: No title, an empty one, or no text
        | title                          |
        | no title                       |
        | an empty title                 |
        | null for a title               |
        | a number for a title           |
        | true for a title               |
        | a list for a title             |
        | an object for a title          |

      @CL-11
      Examples: Nothing but white space
        | title                          |
        | a title of spaces              |
        | a title of Unicode white space |

      @CL-13
      Examples: What PostgreSQL cannot hold
        | title                          |
        | a title that holds U+0000      |
        | a title that holds a lone surrogate |

    Scenario Outline: Creating and updating with <text> is no failure of the server
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <text>
      Then every answer is one of 200, 201, 400 and 422

      Examples:
        | text                                      |
        | a title that holds U+0000                 |
        | a title that holds a lone surrogate       |
        | a description that holds U+0000           |
        | a description that holds a lone surrogate |

  @FR-013
  Rule: A title has 1 to 200 characters

    Scenario Outline: Nothing is created or updated with <title>
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <title>
      Then every answer refuses what was sent
      And Alice's tasks are untouched

      Examples:
        | title                          |
        | no title                       |
        | an empty title                 |
        | null for a title               |
        | a title of 201 characters      |
        | a title of 1000 characters     |
        | a title of 20000 characters    |

    Scenario Outline: A title of <title> is accepted
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with a title of <title>
      Then every operation succeeds
      And both tasks have that title

      Examples: Up to 200 characters
        | title                             |
        | 1 character                       |
        | 200 characters                    |
        | right-to-left text                |

      @CL-11
      Examples: A clarification: what counts as a character
        | title                             |
        | 200 emoji                         |

      @CL-11
      Examples: White space does not count
        | title                             |
        | 200 characters inside white space |

  @SC-010
  Rule: What is no description is answered 422 with a clear message

    Scenario Outline: Creating and updating with <description> is answered 422
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <description>
      Then every answer is 422
      And the same operations are answered otherwise when nothing is wrong
      And every answer's details name "description"
      And Alice's tasks are untouched

      Examples: Too long, or no text
        | description                            |
        | a description of 2001 characters       |
        | a description of 20000 characters      |
        | a number for a description             |
        | a list for a description               |

      @CL-13
      Examples: What PostgreSQL cannot hold
        | description                            |
        | a description that holds U+0000        |
        | a description that holds a lone surrogate |

  @FR-014
  Rule: A description has up to 2000 characters

    Scenario Outline: Nothing is created or updated with <description>
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <description>
      Then every answer refuses what was sent
      And Alice's tasks are untouched

      Examples:
        | description                            |
        | a description of 2001 characters       |
        | a description of 20000 characters      |

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

    Scenario Outline: <body>
      Given Alice has a task "Buy milk"
      When Alice creates and updates a task with <body> for a body
      Then every answer is 422
      And the same operations are answered otherwise when nothing is wrong
      And every answer has details with a message
      And Alice's tasks are untouched

      @EC-06
      Examples: Malformed JSON
        | body                           |
        | broken JSON                    |

      @EC-06
      Examples: Not JSON at all
        | body                           |
        | nothing                        |
        | plain text                     |
        | invalid UTF-8                  |
        | NaN                            |
        | a title of NaN                 |
        | two JSON documents             |

      @CL-15
      Examples: A clarification: not JSON at all
        | body                           |
        | UTF-16                         |
        | a nesting of 50,000 brackets   |
        | a number of 5,000 digits       |
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

    @CL-09
    Scenario Outline: A task id that is <malformed>
      Given Alice has a task "Buy milk"
      When Alice reads, changes, deletes and toggles a task whose id is <malformed>
      Then every answer is 422, or 404 where any text is an id
      And the same operations are answered otherwise when nothing is wrong
      And Alice's tasks are untouched

      Examples:
        | malformed              |
        | of another kind        |
        | a word                 |
        | a UUID too short       |
        | a UUID with a letter g |
        | U+0000                 |
        | invalid UTF-8          |
        | 10,000 characters      |

    @CL-09
    Scenario: The refusal of a malformed task id names it
      Given Alice has a task "Buy milk"
      When Alice reads, changes, deletes and toggles a task whose id is a word
      Then every answer's details name "task_id", if it is a 422

    @CL-14
    Scenario: Unknown fields are ignored
      Given Alice is a user
      When Alice creates a task with fields that the API does not know
      Then the answer is a task
