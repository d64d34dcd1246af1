"""Tests of the page that a judge reads."""
