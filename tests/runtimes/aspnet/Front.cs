// Kestrel in front of the simulators: each answer with another habit of ASP.NET servers.
// Arguments: seconds for which an idle connection is kept, addresses of the simulators. Prints its own.
using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

static class Front {
    const int Habits = 5;
    static readonly HttpClient behind = new HttpClient();
    static int answers;

    static void Main(string[] arguments) {
        var keepAlive = TimeSpan.FromSeconds(int.Parse(arguments[0]));
        var hosts = arguments.Skip(1).Select(address => new WebHostBuilder()
            .UseKestrel(options => {
                options.Listen(IPAddress.Loopback, 0);
                options.Limits.KeepAliveTimeout = keepAlive;
            })
            .Configure(app => app.Run(context => Answer(context, address)))
            .Build()).ToList();
        hosts.ForEach(host => host.Start());
        Console.WriteLine(string.Join(" ", hosts.Select(
            host => host.ServerFeatures.Get<IServerAddressesFeature>().Addresses.Single())));
        Console.In.ReadToEnd();
    }

    static async Task Answer(HttpContext context, string address) {
        var target = address + context.Request.Path + context.Request.QueryString;
        var asked = new HttpRequestMessage(new HttpMethod(context.Request.Method), target);
        if (context.Request.ContentType != null) {
            asked.Content = new StreamContent(context.Request.Body);
            asked.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType);
        }
        var answered = await behind.SendAsync(asked);
        var number = Interlocked.Increment(ref answers);
        var text = Written(await answered.Content.ReadAsStringAsync());
        var json = Encoding.UTF8.GetBytes(number % 2 == 0 ? text : WithMembersNames(text));
        context.Response.StatusCode = (int) answered.StatusCode;
        context.Response.ContentType = "application/json; charset=utf-8";
        await Write(context.Response, json, number % Habits);
    }

    // As System.Text.Json writes by default: all but ASCII, and " & ' + < > `, as \uXXXX.
    static string Written(string json) {
        try {
            return JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);
        } catch (JsonException) {
            return json;
        }
    }

    // As a server writes that does not ask for small letters.
    static string WithMembersNames(string json) {
        return Regex.Replace(
            json, "\"([a-z])(\\w*)\":", name => $"\"{name.Groups[1].Value.ToUpper()}{name.Groups[2]}\":");
    }

    static async Task Write(HttpResponse response, byte[] json, int habit) {
        switch (habit) {
            case 0: // chunks
                await response.Body.WriteAsync(json, 0, json.Length / 2);
                await response.Body.FlushAsync();
                await response.Body.WriteAsync(json, json.Length / 2, json.Length - json.Length / 2);
                break;
            case 1: // a byte order mark, as a StreamWriter with Encoding.UTF8 has it
                using (var writer = new StreamWriter(response.Body, Encoding.UTF8))
                    await writer.WriteAsync(Encoding.UTF8.GetString(json));
                break;
            case 2: // packed, though nobody asked
                response.Headers["Content-Encoding"] = "gzip";
                using (var packed = new GZipStream(response.Body, CompressionLevel.Fastest))
                    await packed.WriteAsync(json, 0, json.Length);
                break;
            case 3: // the connection ends
                response.Headers["Connection"] = "close";
                await response.Body.WriteAsync(json, 0, json.Length);
                break;
            default:
                response.ContentLength = json.Length;
                await response.Body.WriteAsync(json, 0, json.Length);
                break;
        }
    }
}
