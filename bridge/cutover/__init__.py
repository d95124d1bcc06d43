"""Moving a site to 6.0 in stages: the routing files of its work places."""
