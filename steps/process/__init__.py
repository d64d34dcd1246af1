"""Child processes that never outlive the run, and locks between processes.

`server_process` is one start of a server under test. `target/` decides which server is started,
and with which settings.
"""
