using System.Text;

namespace Tokens.Transport;

/// <summary>
/// How the server turns the bytes of two header values into text, where it would hand on less than it was sent. These are the only
/// places where the bytes can still be seen.
/// </summary>
internal static class StrictHeaders
{
    /// <summary>
    /// For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>: each byte of any other header becomes the character of its
    /// number.
    /// </summary>
    internal static Encoding EncodingOf(string header) =>
        header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? Length
        : header.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? Options
        : Encoding.Latin1;

    private static Encoding Length { get; } = new Digits();
    private static Encoding Options { get; } = new KnownOptions();

    /// <summary>
    /// <c>Content-Length</c>: digits as they are, anything else as what no number has. The server would take a sign and blanks
    /// (<c>+81</c>, <c>-0</c>) and hand on the number that it made of them; RFC 9110, section 8.6, knows digits only.
    /// </summary>
    private sealed class Digits : Reading
    {
        protected override void Read(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            for (var i = 0; i < bytes.Length; i++)
                chars[i] = bytes[i] is >= (byte)'0' and <= (byte)'9' ? (char)bytes[i] : '\uFFFD';
        }
    }

    /// <summary>
    /// <c>Connection</c>: <c>close</c> and <c>keep-alive</c> (RFC 9110, section 7.6.1). Of a list the server keeps what it knows and
    /// forgets the rest, so that <c>close, X-Secret</c> looks like <c>close</c>; any other option is therefore refused here.
    /// </summary>
    private sealed class KnownOptions : Reading
    {
        protected override void Read(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            Encoding.Latin1.GetChars(bytes, chars);
            ReadOnlySpan<char> text = chars;
            foreach (var range in text.Split(','))
            {
                var option = text[range].Trim(" \t");
                if (
                    option.IsEmpty
                    || option.Equals("close", StringComparison.OrdinalIgnoreCase)
                    || option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                )
                    continue;
                throw new DecoderFallbackException("Connection names another option");
            }
        }
    }

    private abstract class Reading : Encoding
    {
        protected abstract void Read(ReadOnlySpan<byte> bytes, Span<char> chars);

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

        public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
        {
            Read(bytes, chars[..bytes.Length]);
            return bytes.Length;
        }

        public override int GetMaxCharCount(int byteCount) => byteCount;

        public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException("read only");

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            throw new NotSupportedException("read only");

        public override int GetMaxByteCount(int charCount) => throw new NotSupportedException("read only");
    }
}
