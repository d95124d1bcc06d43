"""``python -m bridge`` is the command ``cshis-bridge``."""

from bridge.cli.main import main

main(prog_name="cshis-bridge")
