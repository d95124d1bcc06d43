"""Settings: defaults, then those of the machine (Windows' registry, elsewhere /etc/cshis-bridge/config.toml),
a TOML file, the environment (CSHIS_BRIDGE_<SECTION>__<KEY>).

The TOML file is the one given (``--config``), else CSHIS_BRIDGE_CONFIG, else ``config.toml`` in the data
directory. The description of every field is its text in docs/operate/settings.md.
"""

from bridge.config.base import Section
from bridge.config.bhyt import AccountSettings, BhytSettings, OfficerSettings
from bridge.config.environment import ENVIRONMENT_PREFIX
from bridge.config.faults import UnusableSettings
from bridge.config.gateway import GatewaySettings, PassThroughSettings, TokenStoreSettings
from bridge.config.sections import (
    ChannelSettings,
    CodeNames,
    FacadeSettings,
    FixedPinSettings,
    JournalSettings,
    LogSettings,
    PinSettings,
    ReaderSettings,
    TextSettings,
    TraySettings,
)
from bridge.config.settings import (
    Settings,
    chosen_data_dir,
    chosen_places,
    default_data_dir,
    load_running,
    load_settings,
    save_settings,
    settings_file,
)
from bridge.config.telemetry import TelemetrySettings
from bridge.config.upstreams import (
    CentreSettings,
    CloudSettings,
    ConsoleSettings,
    MediCloudSettings,
    UploadSettings,
    UpstreamSettings,
    VpnSettings,
)

__all__ = [
    "ENVIRONMENT_PREFIX",
    "AccountSettings",
    "BhytSettings",
    "CentreSettings",
    "ChannelSettings",
    "CloudSettings",
    "CodeNames",
    "ConsoleSettings",
    "FacadeSettings",
    "FixedPinSettings",
    "GatewaySettings",
    "JournalSettings",
    "LogSettings",
    "MediCloudSettings",
    "OfficerSettings",
    "PassThroughSettings",
    "PinSettings",
    "ReaderSettings",
    "Section",
    "Settings",
    "TelemetrySettings",
    "TextSettings",
    "TokenStoreSettings",
    "TraySettings",
    "UnusableSettings",
    "UploadSettings",
    "UpstreamSettings",
    "VpnSettings",
    "chosen_data_dir",
    "chosen_places",
    "default_data_dir",
    "load_running",
    "load_settings",
    "save_settings",
    "settings_file",
]
