"""llmops: two Russian-speaking assistants and the loop of operating language models around them.

Knows nothing: importing the package costs nothing and touches nothing.
"""

__version__ = "0.1.0"
