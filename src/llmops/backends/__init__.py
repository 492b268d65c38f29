"""Stage 3: messages → text, one module per value of `--backend`.

A backend writes what it is asked to; it decides nothing about what to say and keeps nothing.
"""
