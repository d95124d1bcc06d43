// A program on the TypeScript client (fetch) of openapi-generator: URL and QR code in, the read card out.
import { Configuration, QRCodeReaderApi, VHCApi } from './client';

declare const process: { argv: string[] };

async function main(): Promise<void> {
  const [url, qr] = process.argv.slice(2);
  const settings = new Configuration({ basePath: url });
  const reader = new QRCodeReaderApi(settings);
  const vhc = new VHCApi(settings);
  const uploaded = await reader.qRCodeReaderUploadqrcode({ qRCodeReaderUploadqrcodeRequest: { qRCodeString: qr } });
  console.log(uploaded.eRRORCODE);
  const plain = await vhc.vHCVHChisGetBasicData();
  console.log(plain.eRRORCODE, plain.statusCode, plain.pBuffer);
  const named = await vhc.vHCVHChisGetBasicDataJson({ body: {} });
  console.log(named.eRRORCODE, named.pBuffer?.name, named.pBuffer?.idNo);
}

main();
