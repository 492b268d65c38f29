"""Side-by-side runs; each prints its figures and writes JSON when asked."""
