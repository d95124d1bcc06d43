"""The mapping table: rows as frozen objects, how they are read and checked, the C side they become."""
