"""The command line. Parse, call one use-case of `app`, hand what it gives to a view of `render`, return an exit code.

Only this room prints and exits. Everything heavy is imported by `use_cases`, when a command needs it.
"""
