// A hospital program in Java with HttpURLConnection, as many are: JSON put together by hand, the function of 2019, a file in base64
// whose length is told first. Arguments: base address, file.
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Portal {
    static final String USER = "00001_TN";

    static String post(String url, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(content.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(content);
        }
        if (connection.getResponseCode() != 200) {
            throw new IOException(url + ": HTTP " + connection.getResponseCode());
        }
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    static String value(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\\s?\"([^\"]*)\"").matcher(json);
        return found.find() ? found.group(1) : "";
    }

    public static void main(String[] given) throws Exception {
        byte[] hash = MessageDigest.getInstance("MD5").digest("thu-nghiem-1".getBytes(StandardCharsets.UTF_8));
        StringBuilder password = new StringBuilder();
        for (byte each : hash) {
            password.append(String.format("%02x", each));
        }
        String account = "{\"username\": \"" + USER + "\", \"password\": \"" + password + "\"}";
        String taken = post(given[0] + "/api/token/take", account);
        String query = "token=" + value(taken, "access_token") + "&id_token=" + value(taken, "id_token")
            + "&username=" + USER + "&password=" + password;
        String card = "{\"maThe\": \"DN4010000000000\", \"hoTen\": \"Trần Thử Nghiệm\", \"ngaySinh\": \"05/03/1994\"}";
        String found = post(given[0] + "/api/egw/KQNhanLichSuKCB2019?" + query, card);
        int visits = found.split("\"maHoSo\"", -1).length - 1;
        System.out.println(value(taken, "maKetQua") + " " + value(found, "maKetQua") + " " + visits);
        String file = Base64.getEncoder().encodeToString(Files.readAllBytes(Paths.get(given[1])));
        String sent = post(given[0] + "/api/egw/guiHoSoGiamDinh4210?" + query + "&loaiHoSo=3&maTinh=01&maCSKCB=00001",
            "{\"fileHS\": \"" + file + "\"}");
        System.out.println(value(sent, "maKetQua") + " " + value(sent, "maGiaoDich"));
    }
}
