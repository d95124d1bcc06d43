"""The names a row may point to: words of the table's language, as its keys are.

They stand here, and the code behind them in rooms that the table must not know, because a table is checked,
and an editor offers its words, where nothing of that code runs. A test compares both ways: engine, reader and
settings have each of them, no more and no less.
"""

SETTINGS = {  # with their values; a free text has none that a row could ask for
    "upload.format": ("1.0", "2.0"),
    "upload.type": ("A1", "A2", "ZZ"),
    "vpn.guess_card_type": ("1", "2", "3", "4", "5"),
    "vpn.guess_service_code": (),
}

READER_OPERATIONS = frozenset(
    {
        "open",
        "close",
        "verify_sam",
        "look_at_health_card",
        "present_virtual_card",
        "export_virtual_card",
        "import_virtual_card",
        "log_out_virtual_card",
        "present",
        "withdraw",
        "tell_presented",
        "log_out_sam",
        "log_out_practitioner",
        "log_out_health_card",
        "verify_hc_pin",
        "change_hc_pin",
        "disable_hc_pin",
        "verify_hpc_pin",
        "change_hpc_pin",
        "unlock_hpc",
        "take_random",
        "sign_random",
    }
)
CONDITIONS = frozenset({"argument_is", "argument_in", "physical_card", "virtual_card", "plain_buffer"})
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
        "at_most_3_digits",
    }
)
KEYED_CONVERTERS = frozenset({"telemedicine_person"})
REPLY_CONVERTERS = frozenset(
    {
        "token",
        "json_text",
        "file_name",
        "integer",
        "card_status",
        "practitioner_present",
        "practitioner_type",
        "count_in_range",
        "own_card_no",
        "own_id_no",
        "physical_date",
        "visit_signature",
        "visit_signature_raw",
        "yes_no",
        "pin_is_set",
        "western_time",
        "own_execution_number",
        "sam_card_info",
    }
)
