"""Makes a test of every scenario of this folder's features."""

from pytest_bdd import scenarios

scenarios(".")
