"""Training of the small models that ship: the static embedder and the feature table.

Runs offline and only when asked, with the `torch` extra; the runtime never imports it.
"""
