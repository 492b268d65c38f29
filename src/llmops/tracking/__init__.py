"""Recording of turns. Knows values and the database; knows no assistant."""
