using Ledger;
using Tokens.Renewal;
using Tokens.Transport;

namespace Authority;

/// <summary>Certificate, partner roots and passphrase: as the options hold them, or read again when their files change.</summary>
internal sealed class AuthorityFiles
{
    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">A file is missing or does not hold what it should; names it.</exception>
    public AuthorityFiles(AuthorityOptions options, WatchedFiles watch, TimeProvider time)
    {
        options.Replay?.Watch(watch, nameof(options.Replay), SecretFile.ReadText);
        options.Status?.Watch(watch, nameof(options.Status), SecretFile.ReadText);
        if (options.Files is not { } files)
        {
            Server = new(new OwnCertificate(options.ServerCertificate, options.ServerIntermediates));
            (Roots, Passphrase) = (TrustSets.Fixed(options.Authorities), new(options.KeyPassphrase));
            return;
        }

        Server = watch.Hold(
            "ServerCertificate",
            [files.ServerCertificate, files.ServerKey],
            () => CertificateFiles.Own(files.ServerCertificate, files.ServerKey, SecretFile.ReadText),
            next => next.WhyNot(time.GetUtcNow())
        );
        Roots = TrustSets.Of(watch, "Authorities", files.Authorities);
        Passphrase = watch.Hold(
            "KeyPassphraseFile",
            [files.KeyPassphrase],
            () => ReadPassphrase(files.KeyPassphrase),
            next => IsPassphrase?.Invoke(next)
        );
    }

    /// <summary>What the listeners show.</summary>
    public Renewed<OwnCertificate> Server { get; }

    /// <summary>Partner roots.</summary>
    public TrustSets Roots { get; }

    /// <summary>Passphrase of the key ring.</summary>
    public Renewed<string> Passphrase { get; }

    /// <summary>Why a changed passphrase is not the ring's; set once there is a ring.</summary>
    public Func<string, string?>? IsPassphrase { get; set; }

    /// <summary>The text of the file. It is in no message.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or is empty.</exception>
    public static string ReadPassphrase(string file)
    {
        try
        {
            return SecretFile.ReadText(file).Trim() is { Length: > 0 } passphrase
                ? passphrase
                : throw new InvalidDataException($"{file} is empty");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{file} cannot be read", fault);
        }
    }
}
