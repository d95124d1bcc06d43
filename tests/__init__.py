"""The tests. What several suites use: tests.support."""
