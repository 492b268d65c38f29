"""Stage 4: question → reply. Knows the roles (retriever, recorder), not their implementations."""
