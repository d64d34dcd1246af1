"""Child processes that never outlive the run, and locks between processes.

`server_process` is one start of a server under test. What is started, and with which settings, is
decided in `target/`.
"""
