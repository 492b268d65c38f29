"""Stage 1: source files → processed files.

Knows formats, encodings and checks; knows no index and no assistant.
"""
