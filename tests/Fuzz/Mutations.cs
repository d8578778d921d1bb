namespace Fuzz;

/// <summary>
/// Inputs that differ from right ones in the ways in which outside bytes go wrong: bits, cuts, repeats, splices, and tokens that break
/// parsers. The same seed gives the same inputs. CI tries a thousand of each kind; <c>./test.sh --long</c> a million.
/// </summary>
internal static class Mutations
{
    private static readonly string[] Tokens =
    [
        "\n\n",
        "\n",
        "\r\n",
        "\0",
        "—",
        "— ",
        " ",
        "  ",
        "\t",
        "+",
        "-",
        "-0",
        "0",
        "00",
        "-1",
        "1e400",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "2147483648",
        "99999999999999999999999999",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "\\udc00\\ud800",
        "\ufeff",
        "\u200f",
        "\u202e",
        "é",
        "𝔘",
        "{",
        "}",
        "[",
        "]",
        "{}",
        "[]",
        "null",
        "true",
        "\"\"",
        ":",
        ",",
        ";",
        "=",
        "==",
        ".",
        "..",
        "/",
        "//",
        "%00",
        "%",
        "&",
        "?",
        "#",
        "*",
        "@",
        "(",
        ")",
        "A",
        "AA==",
        "AAAA",
        "////",
        "____",
        "https://[",
        "2026-02-30T25:61:61Z",
        "9999-12-31T23:59:60Z",
        "0000-00-00",
        "index ",
        "old ",
        "extra ",
        "group ",
        "quorum ",
    ];

    private static readonly byte[][] TokenBytes =
    [
        .. Tokens.Select(System.Text.Encoding.UTF8.GetBytes),
        [0xff],
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0x80],
    ];

    /// <summary>How many inputs each parser gets.</summary>
    public static int Count { get; } = Environment.GetEnvironmentVariable("GATEWAY_LONG") == "1" ? 1_000_000 : 1_000;

    /// <summary>Gives every parser its inputs and demands that it throws nothing but what <paramref name="own"/> allows.</summary>
    /// <param name="seeds">Right inputs.</param>
    /// <param name="parse">The parser.</param>
    /// <param name="own">The exceptions that belong to the parser's contract; null for none.</param>
    public static void Survive(IReadOnlyList<byte[]> seeds, Action<byte[]> parse, Func<Exception, bool>? own = null)
    {
        foreach (var seed in seeds)
            Try(seed, parse, own);
        foreach (var input in Of(seeds, Count, 20261201))
            Try(input, parse, own);
    }

    /// <summary>As the other, for text that is read and verified.</summary>
    public static async Task SurviveAsync(IReadOnlyList<string> seeds, Func<string, Task> parse, Func<Exception, bool>? own = null)
    {
        foreach (var input in Of([.. seeds.Select(System.Text.Encoding.UTF8.GetBytes)], Count, 20261201))
        {
            try
            {
                await parse(System.Text.Encoding.UTF8.GetString(input));
            }
            catch (Exception fault) when (own?.Invoke(fault) == true)
            {
                // The parser's own word for "no".
            }
            catch (Exception fault)
            {
                throw Thrown(input, fault);
            }
        }
    }

    /// <summary>As the other, for parsers of text.</summary>
    public static void Survive(IReadOnlyList<string> seeds, Action<string> parse, Func<Exception, bool>? own = null) =>
        Survive([.. seeds.Select(System.Text.Encoding.UTF8.GetBytes)], bytes => parse(System.Text.Encoding.UTF8.GetString(bytes)), own);

    /// <summary>The inputs.</summary>
    public static IEnumerable<byte[]> Of(IReadOnlyList<byte[]> seeds, int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var input = seeds[random.Next(seeds.Count)];
            for (var changes = 1 + random.Next(3); changes > 0; changes--)
                input = Changed(input, seeds, random);
            yield return input;
        }
    }

    private static void Try(byte[] input, Action<byte[]> parse, Func<Exception, bool>? own)
    {
        try
        {
            parse(input);
        }
        catch (Exception fault) when (own?.Invoke(fault) == true)
        {
            // The parser's own word for "no".
        }
        catch (Exception fault)
        {
            throw Thrown(input, fault);
        }
    }

    private static InvalidOperationException Thrown(byte[] input, Exception fault) =>
        new(
            $"The parser throws {fault.GetType().Name} for base64 {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 4000)))}",
            fault
        );

    private static byte[] Changed(byte[] input, IReadOnlyList<byte[]> seeds, Random random)
    {
        var (at, end) = (random.Next(input.Length + 1), random.Next(input.Length + 1));
        (at, end) = (Math.Min(at, end), Math.Max(at, end));
        var other = seeds[random.Next(seeds.Count)];
        switch (random.Next(9))
        {
            case 0 when input.Length > 0:
                var flipped = input.ToArray();
                flipped[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return input[..at];
            case 2:
                return input[at..];
            case 3:
                return [.. input.AsSpan(0, at), .. input.AsSpan(end)];
            case 4:
                return input.Length > 1 << 20 ? input : [.. input.AsSpan(0, end), .. input.AsSpan(at)];
            case 5:
                return [.. input.AsSpan(0, at), .. other.AsSpan(random.Next(other.Length + 1))];
            case 6:
                var token = TokenBytes[random.Next(TokenBytes.Length)];
                return [.. input.AsSpan(0, at), .. token, .. input.AsSpan(at)];
            case 7:
                var instead = TokenBytes[random.Next(TokenBytes.Length)];
                return [.. input.AsSpan(0, at), .. instead, .. input.AsSpan(Math.Min(input.Length, at + 1 + random.Next(8)))];
            default:
                // The last bytes count more than others: what is missing or too much at the end.
                var tail = TokenBytes[random.Next(TokenBytes.Length)];
                return random.Next(2) == 0 ? [.. input, .. tail] : input[..Math.Max(0, input.Length - 1 - random.Next(3))];
        }
    }
}
