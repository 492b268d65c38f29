"""Russian text as pure functions: cleaning, words and stems, layout and typo repair, numbers and money.

Knows no entries, no index and no assistant; every vocabulary is passed in.
"""
