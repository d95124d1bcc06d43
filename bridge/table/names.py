"""The names a row may point to.

The engine and the reader must have each of them, no more and no less (a test compares).
"""

READER_OPERATIONS = frozenset({"open", "close", "verify_sam", "present_virtual_card"})
CONDITIONS = frozenset({"argument_is", "physical_card"})
VALUE_CONVERTERS = frozenset({"roc_datetime", "plain_number", "plain_quantity", "diagnosis_code"})
REPLY_CONVERTERS = frozenset(
    {"integer", "card_status", "own_card_no", "own_id_no", "visit_signature", "yes_no"}
)
