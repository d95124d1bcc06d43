"""What several suites use: running bridges, the ways of a call, oracles, stand-ins; no tests."""
