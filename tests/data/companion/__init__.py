"""Tests of the companion's data stage."""
