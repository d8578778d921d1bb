using System.Security.Cryptography;
using Tokens.Operations;

namespace Tokens.Renewal;

/// <summary>The files of one setting: what they held when they were last taken, and what is wrong with them now. Used by one
/// thread.</summary>
internal sealed class WatchedFile
{
    private readonly IReadOnlyList<string> _files;
    private string _taken,
        _seen,
        _judged;
    private volatile string? _fault;

    /// <param name="name">Name of the setting.</param>
    /// <param name="files">Its files.</param>
    internal WatchedFile(string name, IReadOnlyList<string> files)
    {
        (Name, _files) = (name, files);
        _taken = _seen = _judged = Digest();
    }

    internal string Name { get; }

    /// <summary>Why the files cannot be used as they are; null when what is in force is what they hold.</summary>
    internal string? Fault => _fault;

    /// <summary>Reads the value and puts it into force; throws when it cannot be used.</summary>
    internal Action Take { get; set; } = static () => { };

    /// <summary>Looks at the files. True when something was taken or refused.</summary>
    internal bool Look()
    {
        var now = Digest();
        var isSettled = now == _seen;
        _seen = now;
        if (!isSettled || now == _judged)
            return false;
        _judged = now;
        if (now == _taken)
        {
            // Put back as it was: nothing is to be read, and nothing is wrong any more.
            var wasWrong = _fault is not null;
            _fault = null;
            return wasWrong;
        }

        try
        {
            Take();
            (_taken, _fault) = (now, null);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _fault = Startup.Sentence(fault);
        }

        return true;
    }

    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _files)
        {
            try
            {
                var content = File.ReadAllBytes(file);
                hash.AppendData(BitConverter.GetBytes(content.LongLength));
                hash.AppendData(content);
                CryptographicOperations.ZeroMemory(content);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                hash.AppendData(System.Text.Encoding.ASCII.GetBytes(fault.GetType().Name)); // away, or not readable: a state like others
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
