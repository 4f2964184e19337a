"""See the README of ccopt for what this package does."""
