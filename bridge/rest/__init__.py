"""The HTTP door for clients of the virtual-health-card (虛擬健保卡) SDK, made from the table."""
