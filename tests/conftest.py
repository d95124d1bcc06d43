"""Every suite has the fixtures of tests.support, and the watch over all logs."""

pytest_plugins = ["tests.support.table_watch", "tests.support.plugin", "tests.support.log_leaks"]
