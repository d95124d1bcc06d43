// A service as ASP.NET's MVC makes it, with its default settings. Prints its address.
using System;
using System.Linq;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection;

public class Order {
    public int Days { get; set; }
}

[ApiController, Route("api/orders")]
public class OrdersController : ControllerBase {
    [HttpPost]
    public ActionResult<object> Post(Order order) => new {StatusCode = 0, order.Days, Name = "測試十"};
}

static class Orders {
    static void Main() {
        var host = new WebHostBuilder()
            .UseKestrel(options => options.Listen(IPAddress.Loopback, 0))
            .ConfigureServices(services => services
                .AddSingleton(new ApplicationPartManager()) // else it looks for a file of the SDK
                .AddMvcCore()
                .SetCompatibilityVersion(CompatibilityVersion.Latest)
                .AddApplicationPart(typeof(Orders).Assembly)
                .AddJsonFormatters())
            .Configure(app => app.UseMvc())
            .Build();
        host.Start();
        Console.WriteLine(host.ServerFeatures.Get<IServerAddressesFeature>().Addresses.Single() + " "
            + typeof(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServer).Assembly.GetName().Version);
        Console.In.ReadToEnd();
    }
}
