"""The personal-finance consultant: entries, calculators, honest refusals."""
