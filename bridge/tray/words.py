"""What icon and menu say, in Traditional Chinese and English: nothing of a person, a card or a device."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from bridge.words import CHINESE
from bridge.words.language import language_of_user

Language = Literal["zh-TW", "en"]

TEXTS: Mapping[str, tuple[str, str]] = {
    # how it is
    "well": ("一切正常", "all is well"),
    "starting": ("啟動中", "starting"),
    "gone": ("橋接程式意外結束", "the bridge has ended unexpectedly"),
    "gone.advice": (
        "HIS 無法讀卡。請按圖示，選「重新啟動橋接程式」；日誌檔有原因。",
        "Programs cannot read cards. Click the icon and restart the bridge; its log has the reason.",
    ),
    "unstartable": ("橋接程式無法啟動", "the bridge cannot start"),
    "hung": ("橋接程式沒有反應", "the bridge does not respond"),
    "hung.advice": (
        "HIS 無法讀卡。請按圖示，選「重新啟動橋接程式」；沒有反應的會被強制結束。",
        "Programs cannot read cards. Click the icon and restart the bridge: what does not respond is ended.",
    ),
    "advice": (
        "請按圖示，選「檢查」看原因與作法。",
        "Click the icon and choose Check: reason and remedy.",
    ),
    # what is wrong, by the doctor's check
    "bridge": ("橋接程式無法服務呼叫", "the bridge cannot serve calls"),
    "bridge.neighbour": ("另有程式使用同一個主控台", "another program works at the same console"),
    "console": ("主控台沒有執行或連不上", "the console does not run or is not reached"),
    "console.answer": ("主控台沒有回應", "the console does not answer"),
    "console.certificate": ("主控台的憑證無法驗證", "the console's certificate cannot be verified"),
    "console.status": ("主控台連接埠上的不是控制軟體 6.0", "what has the console's port is not 6.0"),
    "console.sam": ("主控台沒有安全模組", "the console has no SAM"),
    "console.reader": ("讀卡機已拔除", "the card reader is unplugged"),
    "smart_cards": ("讀卡機或卡片沒有回應", "a reader or card does not answer"),
    "cloud": ("連不上業務邏輯端（健保 VPN）", "the cloud is not reached (VPN)"),
    "cloud.certificate": ("業務邏輯端的憑證無法驗證", "the cloud's certificate cannot be verified"),
    "journal": ("紀錄無法寫入", "the journal cannot be written"),
    "journal.pending": ("有異動需要人處理", "changes wait for a person"),
    "other": ("有事需要處理", "something needs a person"),
    # what can be done
    "menu.page": ("開啟橋接程式的網頁", "Open the bridge's page"),
    "menu.doctor": ("檢查（doctor）", "Check (doctor)"),
    "menu.log": ("開啟日誌資料夾", "Open the log's folder"),
    "menu.console": ("啟動主控台（控制軟體 6.0）", "Start the console (control software 6.0)"),
    "menu.console.again": (
        "主控台沒有回應：關閉並重新啟動…",
        "The console hangs: close, start again...",
    ),
    "menu.release": ("拔除讀卡機前：釋放讀卡機", "Before unplugging a reader: release it"),
    "menu.restart": ("重新啟動橋接程式", "Restart the bridge"),
    "menu.stop": ("結束橋接程式…", "Stop the bridge..."),
    "menu.about": ("關於", "About"),
    "ask.console": (
        "主控台會被強制關閉再啟動；正在進行的讀卡與寫入會失敗。要繼續嗎？",
        "The console is ended by force and started again; calls under way fail. Go on?",
    ),
    "ask.stop": (
        "結束之後，HIS 無法讀卡，直到再啟動為止。要結束嗎？",
        "Programs cannot read cards until it is started again. Stop it?",
    ),
    "about": (
        "cshis-bridge {version}\n\n讓為 cshis.dll 與虛擬健保卡 SDK 寫的程式在控制軟體 6.0 上執行。\n\n"
        "資料夾：{folder}\n授權：Apache License 2.0",
        "cshis-bridge {version}\n\nRuns programs of cshis.dll and the VHC SDK on control software 6.0.\n\n"
        "Data: {folder}\nLicence: Apache License 2.0",
    ),
}


def text(name: str, language: Language, **values: str) -> str:
    """A text of TEXTS. ``values`` fill the names in braces."""
    chinese, english = TEXTS[name]
    return (chinese if language == "zh-TW" else english).format(**values)


def language_here() -> Language:
    """The language of the person who sees this screen."""
    return "zh-TW" if language_of_user(os.environ) == CHINESE else "en"
