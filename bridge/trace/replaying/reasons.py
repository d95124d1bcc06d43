"""Why a call of a trace was not made again, for people in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

# What follows from calls that were not made, for those who look at the differences.
CONSEQUENCES: Mapping[str, str] = {
    "asks_pin": (
        "PINs were not asked for: where the practitioner's was not verified before, calls that need it answer"
        " 4042 or 5105. Verify it at the console first, or give --pins. 未輸入密碼，需驗證之呼叫將失敗。"
    ),
    "changes_data": (
        "Changes were not made: reads of what they would have changed differ for that reason."
        " 未重播異動，其後讀取之資料將有差異。"
    ),
}
REASONS: Mapping[str, tuple[str, str]] = {
    "changes_data": ("would change data (--changes allows it)", "會異動資料，未重播"),
    "asks_pin": ("asks a person for a PIN", "需輸入密碼"),
    "file": ("the uploaded file's content is not in a trace", "側錄檔不含上傳檔案內容"),
    "pointer": ("the program passed a null or unreadable pointer", "程式傳入無效指標"),
    "argument": ("an argument is missing in the trace, or is no such argument", "側錄檔缺少參數"),
    "unknown": ("the mapping table has no such function", "對照表無此函式"),
    "http_door": ("came by HTTP; the channel is the native library's door", "經由 HTTP 呼叫，非元件"),
    "qr": ("the trace does not tell whose QR code it was", "側錄檔未顯示 QRCode 所屬卡片"),
    "no_bridge_answer": ("the bridge was not asked, or did not answer in time", "橋接服務未被詢問"),
    "not_done": ("this part of the trace could not be replayed", "此部分側錄無法重播"),
    "interrupted": ("the replay was interrupted", "重播已中斷"),
}
