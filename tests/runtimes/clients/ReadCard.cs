// A program on the C# client of NSwag: URL and QR code in, the read card out.
using System;
using System.IO;
using System.Net.Http;
using System.Text;
using Sdk;

static class ReadCard {
    static void Main(string[] arguments) {
        // Disposed of at the end: see ../portal/Portal.cs.
        using (var http = new HttpClient()) Read(http, arguments);
    }

    static void Read(HttpClient http, string[] arguments) {
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var reader = new QRCodeReaderClient(arguments[0], http);
        var request = new QRCodeReader_uploadqrcode_request { QRCodeString = arguments[1] };
        output.WriteLine(reader.UploadqrcodeAsync(request).Result.ERRORCODE);
        var vhc = new VHCClient(arguments[0], http);
        var plain = vhc.VHChisGetBasicDataAsync(new VHC_VHChisGetBasicData_request()).Result;
        output.WriteLine(plain.ERRORCODE + " " + plain.StatusCode + " " + plain.PBuffer);
        var named = vhc.VHChisGetBasicDataJsonAsync(null).Result;
        output.WriteLine(named.ERRORCODE + " " + named.PBuffer.Name + " " + named.PBuffer.Id_no);
    }
}
