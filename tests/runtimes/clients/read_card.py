"""A program on the Python client of openapi-generator: URL and QR code in, the read card out."""

import sys

import openapi_client as sdk

url, qr = sys.argv[1:]
with sdk.ApiClient(sdk.Configuration(host=url)) as client:
    reader, vhc = sdk.QRCodeReaderApi(client), sdk.VHCApi(client)
    request = sdk.QRCodeReaderUploadqrcodeRequest(QRCodeString=qr)
    print(reader.q_r_code_reader_uploadqrcode(request).errorcode)
    plain = vhc.v_hcvh_chis_get_basic_data()
    print(plain.errorcode, plain.status_code, plain.p_buffer)
    named = vhc.v_hcvh_chis_get_basic_data_json({})
    print(named.errorcode, named.p_buffer.name, named.p_buffer.id_no)
