// A program on the C# client (HttpClient, .NET Framework 4.8) of openapi-generator: URL and QR code in, the read card out.
using System;
using System.IO;
using System.Text;
using Sdk.Api;
using Sdk.Model;

static class ReadCardOfOpenApi {
    static void Main(string[] arguments) {
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var request = new QRCodeReaderUploadqrcodeRequest(arguments[1]);
        // Both disposed of at the end: see ../portal/Portal.cs.
        using (var reader = new QRCodeReaderApi(arguments[0]))
            output.WriteLine(reader.QRCodeReaderUploadqrcode(request).ERRORCODE);
        using (var vhc = new VHCApi(arguments[0])) Read(vhc, output);
    }

    static void Read(VHCApi vhc, StreamWriter output) {
        var plain = vhc.VHCVHChisGetBasicData();
        output.WriteLine(plain.ERRORCODE + " " + plain.StatusCode + " " + plain.PBuffer);
        var named = vhc.VHCVHChisGetBasicDataJson(new object());
        output.WriteLine(named.ERRORCODE + " " + named.PBuffer.Name + " " + named.PBuffer.IdNo);
    }
}
