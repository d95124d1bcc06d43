"""The console's own settings (主控台設定): cloud SAMs, readers, web pages, its record of calls."""
