"""Every suite has the fixtures of tests.support, and the watch over all logs."""

import os

os.environ["LANGUAGE"] = "en"  # what is asserted stands in the tests in English

pytest_plugins = ["tests.support.table_watch", "tests.support.plugin", "tests.support.log_leaks"]
