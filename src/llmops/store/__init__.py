"""The project's database: conversations and turns, in SQLite.

Knows values and tables; knows no assistant.
"""
