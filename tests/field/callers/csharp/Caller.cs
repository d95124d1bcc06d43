using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

/// <summary>Caller FILE HABIT...: a program in C#; FILE is what it uploads.</summary>
static class Caller
{
    /// <summary>The same functions as other programs declare them.</summary>
    static class Other
    {
        [DllImport("cshis.dll")] public static extern int hisGetBasicData(byte[] record, ref int length);
        [DllImport("cshis.dll")] public static extern int hisGetBasicData(byte[] record, IntPtr length);
        [DllImport("cshis.dll")] public static extern int csGetVersionEx(StringBuilder path);
        [DllImport("cshis.dll")] public static extern int csUnGetSeqNumber(string time);
        [DllImport("cshis.dll")] public static extern int hisGetSeqNumber256(
            string item, string newborn, ref byte afterCheck, byte[] record, ref short length);
        [DllImport("cshis.dll")] public static extern int csUploadData(
            byte[] file, byte[] size, byte[] count, byte[] receipt, ref short length);
    }

    const byte Dirt = 0xA5;
    static readonly Encoding Big5 = Encoding.GetEncoding(950);
    static string file;

    static void Say(params object[] words)
    {
        Console.WriteLine(string.Join(" ", words));
    }

    static byte[] Dirty(int size)
    {
        return Enumerable.Repeat(Dirt, size).ToArray();
    }

    static string Text(byte[] record, int from, int width)
    {
        return Big5.GetString(record, from, width).Trim();
    }

    static string Person(byte[] record)
    {
        return Text(record, 0, 12) + " " + Text(record, 12, 20) + " " + Text(record, 32, 10) + " " + Text(record, 42, 7);
    }

    static byte[] Basic()
    {
        var record = new byte[72];
        short length = 72;
        return Cshis.hisGetBasicData(record, ref length) == 0 ? record : new byte[72];
    }

    static string Kept(byte[] record, int from)
    {
        return record.Skip(from).All(each => each == Dirt) ? "kept" : "CHANGED";
    }

    static void WholeVisit(string habit, Func<string, string> made, short count)
    {
        Func<string, byte[]> bytes = value => Encoding.ASCII.GetBytes(made(value));
        var who = Basic();
        var number = new byte[296];
        short length = 296, room = (short)(40 * count);
        int code = Cshis.hisGetSeqNumber256(bytes("01"), bytes(" "), bytes("1"), number, ref length);
        Say(habit, "number", code, length, Text(number, 13, 4));
        string at = Text(number, 0, 13);
        string data = string.Concat(Enumerable.Repeat(at + "1AC44444100        TIDPC             03000090001", count));
        code = Cshis.hisWriteMultiPrescriptSign(
            bytes(at), bytes(Text(who, 32, 10)), bytes(Text(who, 42, 7)), bytes(data), ref count, new byte[room], ref room);
        Say(habit, "write", code, room);
        Say(habit, "back", Cshis.csUnGetSeqNumber(bytes(at)));
    }

    static void visit()
    {
        Say("visit open", Cshis.csOpenCom(0));
        Say("visit sam", Cshis.csVerifySAMDC());
        var record = new byte[72];
        short length = 72;
        Say("visit basic", Cshis.hisGetBasicData(record, ref length), length, Person(record));
        Say("visit status", Cshis.hisGetCardStatus(2));
        WholeVisit("visit", value => value + "\0", 2);
        Say("visit close", Cshis.csCloseCom());
    }

    static void large()
    {
        var record = Dirty(4096);
        short length = 4096;
        Say("large basic", Cshis.hisGetBasicData(record, ref length), length, Person(record), Kept(record, 72));
    }

    static void unterminated()
    {
        WholeVisit("unterminated", value => value, 1);
    }

    static void blanks()
    {
        WholeVisit("blanks", value => value.PadRight(200) + "\0", 1);
    }

    static void wide()
    {
        Say("wide status", Cshis.hisGetCardStatus(0x4FFB0002));
        var record = new byte[72];
        int length = 72;
        Say("wide basic", Other.hisGetBasicData(record, ref length), length, Person(record));
    }

    static void marks()
    {
        for (byte mark = 0; mark <= 2; mark++)
        {
            var number = new byte[296];
            byte given = mark;
            short length = 296;
            int code = Other.hisGetSeqNumber256("01", " ", ref given, number, ref length);
            Say("marks", mark, code, Text(number, 13, 4), Other.csUnGetSeqNumber(Text(number, 0, 13)));
        }
    }

    static void threads()
    {
        int good = 0;
        var crowd = Enumerable.Range(0, 8).Select(each => new Thread(() =>
        {
            for (int read = 0; read < 10; read++)
                if (Text(Basic(), 0, 12) == "000073898381") Interlocked.Increment(ref good);
        })).ToList();
        crowd.ForEach(each => each.Start());
        crowd.ForEach(each => each.Join());
        Say("threads", good, "of 80");
    }

    static void reopen()
    {
        int good = 0;
        for (int turn = 0; turn < 20; turn++)
            if (Cshis.csOpenCom(0) == 0 && Basic()[0] == '0' && Cshis.csCloseCom() == 0) good++;
        Say("reopen", good, "of 20");
    }

    static void version()
    {
        var room = Dirty(64); // a program passes the bytes of a path of its own
        var name = new StringBuilder(16);
        int code = Cshis.csGetVersionEx(room);
        Say("version", Other.csGetVersionEx(name) == code ? code : -1, name, Kept(room, 16));
    }

    static void order()
    {
        Say("order close", Cshis.csCloseCom());
        var record = new byte[72];
        short length = 72;
        Say("order basic", Cshis.hisGetBasicData(record, ref length), length, Person(record));
        record = Dirty(71);
        length = 71;
        Say("order small", Cshis.hisGetBasicData(record, ref length), length, Kept(record, 0));
        Say("order null", Other.hisGetBasicData(null, IntPtr.Zero));
        Say("order back", Other.csUnGetSeqNumber("1010101010101"));
    }

    static void upload()
    {
        var receipt = new byte[50];
        short length = 50;
        int code = Cshis.csUploadData(
            file, Encoding.ASCII.GetBytes("3"), Encoding.ASCII.GetBytes("1"), receipt, ref length);
        Say("upload", code, length, Text(receipt, 0, 22));
    }

    /// <summary>What stands behind an array: in Mono the address of the next object's class.</summary>
    static IEnumerable<byte> Behind(byte[] array)
    {
        var pinned = GCHandle.Alloc(array, GCHandleType.Pinned);
        for (int place = array.Length; ; place++)
        {
            byte next = Marshal.ReadByte(pinned.AddrOfPinnedObject(), place);
            if (next == 0) break;
            yield return next;
        }
        pinned.Free();
    }

    /// <summary>In one process of a hundred the address can be read as more of the name, which is refused.</summary>
    static byte[] Unended(string name)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name), next = new byte[1];
        bool odd = Behind(bytes).Any(each => each < ' ' || each > '~') && next != null;
        return odd ? bytes : Encoding.ASCII.GetBytes(name + "\u0001\u007f");
    }

    static void names()
    {
        foreach (string name in Environment.GetEnvironmentVariable("UPLOAD_NAMES").Split('|'))
        {
            byte[] size = Encoding.ASCII.GetBytes(name.Length.ToString()), count = Encoding.ASCII.GetBytes("1");
            short length = 50;
            Say("names", name.Length,
                Other.csUploadData(Unended(name), size, count, new byte[50], ref length));
        }
    }

    static void chinese()
    {
        byte[] id = Encoding.ASCII.GetBytes("Z299999929"), birthday = Encoding.ASCII.GetBytes("0920315");
        byte[] batch = Encoding.ASCII.GetBytes("TEST0010\0");
        Say("chinese", Cshis.hisWriteInoculateData(id, birthday, Big5.GetBytes("流感疫"), batch));
    }

    static void offline()
    {
        short length = 72;
        Say("offline open", Cshis.csOpenCom(0));
        Say("offline basic", Cshis.hisGetBasicData(new byte[72], ref length), length);
    }

    static void Main(string[] arguments)
    {
        file = arguments[0];
        foreach (string habit in arguments.Skip(1))
            typeof(Caller).GetMethod(habit, BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, null);
    }
}
