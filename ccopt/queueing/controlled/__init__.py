"""Controlled simulation: contacts through groups, with an Erlang A pool on the same contacts as control variate."""
