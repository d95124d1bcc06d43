// A program on the Java client (native) of openapi-generator: URL and QR code in, the read card out.
import java.io.PrintStream;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.QrCodeReaderApi;
import org.openapitools.client.api.VhcApi;
import org.openapitools.client.model.*;

public class ReadCard {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        QRCodeReaderUploadqrcodeRequest request = new QRCodeReaderUploadqrcodeRequest().qrCodeString(arguments[1]);
        out.println(new QrCodeReaderApi(client).qRCodeReaderUploadqrcode(request).getERRORCODE());
        VhcApi vhc = new VhcApi(client);
        VHCVHChisGetBasicDataReply plain = vhc.vHCVHChisGetBasicData(null);
        out.println(plain.getERRORCODE() + " " + plain.getStatusCode() + " " + plain.getpBuffer());
        VHCVHChisGetBasicDataJsonReply named = vhc.vHCVHChisGetBasicDataJson(Map.of());
        out.println(named.getERRORCODE() + " " + named.getpBuffer().getName() + " " + named.getpBuffer().getIdNo());
    }
}
