"""The tool: the trace from a spec through its scenarios to the code that ran, for any project.

    cli/       the command                        report/   what people and programs read
    matrix/    joining and judging                evidence/ what a run did
    measure/   which lines run                    project/  what a project says of itself
    model/     the values that all of them share

Nothing here speaks of a particular project or framework, nor imports `server` or `steps`.
"""
