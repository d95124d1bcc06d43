// As Decode950.java, by Mono's code page 950, or .NET's (CORE).
using System;
using System.Linq;
using System.Text;

static class Decode950 {
    static void Main() {
#if CORE
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
#endif
        var page = Encoding.GetEncoding(950, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        for (var line = Console.ReadLine(); line != null; line = Console.ReadLine()) {
            var bytes = Enumerable.Range(0, line.Length / 2).Select(i => Convert.ToByte(line.Substring(2 * i, 2), 16));
            var text = page.GetString(bytes.ToArray());
            var points = string.Join("+", text.Select(c => ((int)c).ToString("x")));
            Console.WriteLine(points + " " + string.Concat(page.GetBytes(text).Select(b => b.ToString("x2"))));
        }
    }
}
