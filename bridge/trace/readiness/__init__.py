"""How ready a program is for 6.0, judged by its trace."""
