#!/usr/bin/env bash
# .NET Core 3.1: code page 950 is unknown until a provider is registered, the default encoding is UTF-8, and é is written as e.
#
# Behaviour: .NET Framework (and Mono) know every code page; in .NET Core Encoding.GetEncoding(950) and ("big5") throw, until the
#   program calls Encoding.RegisterProvider(CodePagesEncodingProvider.Instance). Encoding.Default, the system's code page in .NET
#   Framework, is UTF-8, before and after. The page then is Windows' own, drawn characters (造字) among it, with Windows' habit of
#   writing what looks like it: é is e, À is A, ㈠ is 一; 々 and 堃 are a `?` of one byte, which moves all fields behind it.
# Seen (before and after; what is written; C6A1 and FA40 read):
#   before: 950 NotSupportedException, big5 ArgumentException, default utf-8
#   after: 950 big5, default utf-8; é 65 À 41 ㈠ A440 々 3F 堃 3F; F6B1 E000
# What it means here: a C# program that goes from .NET Framework to .NET registers the provider before it reads a record, and asks for
#   950, not Default. What it writes should have an exception fallback: Windows' likeness would store another name with code 0.
#   The bridge refuses a text that the page lacks (6018), but a text that has become e or one `?` on its way it cannot know.
# Needs mono's mcs and pip. Exit 1 if the behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip download --quiet --no-deps --disable-pip-version-check dotnetcore2==3.1.23
python3 -m zipfile -e dotnetcore2-*.whl .
runtime=dotnetcore2/bin/shared/Microsoft.NETCore.App/3.1.23
chmod +x dotnetcore2/bin/dotnet

cat > Program.cs <<'CS'
using System;
using System.Text;

static class Program {
    static string Known(Func<Encoding> get) {
        try { return get().WebName; } catch (Exception error) { return error.GetType().Name; }
    }

    static void Main() {
        Console.WriteLine("before: 950 " + Known(() => Encoding.GetEncoding(950)) + ", big5 "
            + Known(() => Encoding.GetEncoding("big5")) + ", default " + Encoding.Default.WebName);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var page = Encoding.GetEncoding(950);
        Console.Write("after: 950 " + page.WebName + ", default " + Encoding.Default.WebName + ";");
        foreach (var one in new[] {"é", "À", "㈠", "々", "堃"})
            Console.Write(" " + one + " " + BitConverter.ToString(page.GetBytes(one)).Replace("-", ""));
        Console.WriteLine("; {0:X} {1:X}", (int) page.GetString(new byte[] {0xC6, 0xA1})[0],
            (int) page.GetString(new byte[] {0xFA, 0x40})[0]);
    }
}
CS
echo '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
  "configProperties": {"System.Globalization.Invariant": true}}}' >Program.runtimeconfig.json
references=$(for library in "$runtime"/System*.dll "$runtime"/mscorlib.dll "$runtime"/netstandard.dll; do
  [ "$(head -c 2 "$library")" = MZ ] && echo "-r:$library"; done)
mcs -nostdlib -noconfig -warn:0 -out:Program.dll $references Program.cs
seen=$(dotnetcore2/bin/dotnet Program.dll)
echo "$seen"
expected='before: 950 NotSupportedException, big5 ArgumentException, default utf-8
after: 950 big5, default utf-8; é 65 À 41 ㈠ A440 々 3F 堃 3F; F6B1 E000'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
