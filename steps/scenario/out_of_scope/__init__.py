"""Operations that the spec excludes: what they are called, where servers have them, their answers.

`names` is the dictionary, `description` reads what a server lists of itself, `samples` fills a
request that fits, and `search` sends it and tells an operation from an address that nobody has.
"""
