// A hospital program in C# as many are: one HttpClient with a BaseAddress, the oldest lookup, blocking calls, bytes of a file as
// a JSON array. Arguments: base address, file.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Web.Script.Serialization;

static class Portal
{
    const string User = "00001_TN";
    static readonly JavaScriptSerializer Json = new JavaScriptSerializer { MaxJsonLength = int.MaxValue };

    static string Md5(string text)
    {
        using (var md5 = MD5.Create())
            return BitConverter.ToString(md5.ComputeHash(Encoding.UTF8.GetBytes(text))).Replace("-", "").ToLower();
    }

    static Dictionary<string, object> Post(HttpClient client, string path, object body)
    {
        var content = new StringContent(Json.Serialize(body), Encoding.UTF8, "application/json");
        var response = client.PostAsync(path, content).Result;
        response.EnsureSuccessStatusCode();
        return Json.Deserialize<Dictionary<string, object>>(response.Content.ReadAsStringAsync().Result);
    }

    static void Main(string[] given)
    {
        // Disposed of at the end: with connections open, Mono 6.8 ends with an assertion of its own now and then, or half a minute late.
        using (var client = new HttpClient { BaseAddress = new Uri(given[0]) })
            LookUpAndSend(client, given[1]);
    }

    static void LookUpAndSend(HttpClient client, string file)
    {
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var password = Md5("thu-nghiem-1");
        var taken = Post(client, "api/token/take", new { username = User, password });
        var key = (Dictionary<string, object>)taken["APIKey"];
        var query = string.Format("token={0}&id_token={1}&username={2}&password={3}", key["access_token"], key["id_token"], User, password);
        var card = Post(client, "api/egw/nhanLichSuKCB?" + query, new {
            maThe = "DN4010000000000", hoTen = "Trần Thử Nghiệm", ngaySinh = "05/03/1994", gioiTinh = 1,
            maCSKCB = "01832", ngayBD = "01/01/2024", ngayKT = "31/12/2024",
        });
        var visits = (ArrayList)card["dsLichSuKCB"];
        var first = (Dictionary<string, object>)visits[0];
        Console.WriteLine("{0} {1} {2} {3}", taken["maKetQua"], card["maKetQua"], visits.Count, ((string)first["tuNgay"]).Length);
        var sent = Post(client, "api/egw/guiHoSoGiamDinh4210?" + query + "&loaiHoSo=3&maTinh=01&maCSKCB=00001",
            new { fileHS = File.ReadAllBytes(file) });
        Console.WriteLine("{0} {1}", sent["maKetQua"], sent["maGiaoDich"]);
    }
}
