"""Tests of what steps say of answers."""
