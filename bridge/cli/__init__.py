"""Commands for people: start the bridge, make a call, look at the table, steer the simulators."""
