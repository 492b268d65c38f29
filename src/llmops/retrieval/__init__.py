"""Stage 2: processed → index → hits.

Knows vectors, postings and files of the index; knows no conversation and no terminal.
"""
