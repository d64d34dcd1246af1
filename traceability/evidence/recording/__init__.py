"""Records while pytest and pytest-bdd run: the hooks and the classes that the plugin puts together.

`plugin`, one folder up, has the options and decides which of these hooks a process gets.
"""
