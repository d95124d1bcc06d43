"""A program on the client of openapi-python-client: URL and QR code in, the read card out."""

import sys

from cshis_bridge_virtual_health_card_api_client import Client
from cshis_bridge_virtual_health_card_api_client.api.qr_code_reader import qr_code_reader_uploadqrcode
from cshis_bridge_virtual_health_card_api_client.api.vhc import (
    vhc_vh_chis_get_basic_data,
    vhc_vh_chis_get_basic_data_json,
)
from cshis_bridge_virtual_health_card_api_client.models import (
    QRCodeReaderUploadqrcodeRequest,
    VHCVHChisGetBasicDataJsonRequest,
    VHCVHChisGetBasicDataRequest,
)

url, qr = sys.argv[1:]
client = Client(base_url=url)
body = QRCodeReaderUploadqrcodeRequest(qr_code_string=qr)
print(qr_code_reader_uploadqrcode.sync(client=client, body=body).errorcode)
plain = vhc_vh_chis_get_basic_data.sync(client=client, body=VHCVHChisGetBasicDataRequest())
print(plain.errorcode, plain.status_code, plain.p_buffer)
named = vhc_vh_chis_get_basic_data_json.sync(client=client, body=VHCVHChisGetBasicDataJsonRequest())
print(named.errorcode, named.p_buffer.name, named.p_buffer.id_no)
