"""cshis-bridge.

Runs programs written for cshis.dll and the virtual-health-card SDK on control software 6.0.
"""

__version__ = "0.1.0"
