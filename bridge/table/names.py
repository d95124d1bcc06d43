"""The names a row may point to.

Engine and reader must have each of them, no more and no less (a test compares).
"""

READER_OPERATIONS = frozenset(
    {
        "open",
        "close",
        "verify_sam",
        "present_virtual_card",
        "log_out_sam",
        "log_out_practitioner",
        "log_out_health_card",
    }
)
CONDITIONS = frozenset({"argument_is", "argument_in", "physical_card", "plain_buffer"})
TEXT_CONDITIONS = frozenset({"longer_than_5", "squeezed"})
VALUE_CONVERTERS = frozenset(
    {
        "roc_date",
        "roc_datetime",
        "plain_number",
        "plain_quantity",
        "diagnosis_code",
        "digits_text",
        "base_name",
    }
)
REPLY_CONVERTERS = frozenset(
    {
        "integer",
        "card_status",
        "practitioner_present",
        "practitioner_type",
        "count_in_range",
        "own_card_no",
        "own_id_no",
        "visit_signature",
        "visit_signature_raw",
        "yes_no",
        "pin_is_set",
    }
)
