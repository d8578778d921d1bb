using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>A secret is read only from a file that lets nobody in but its owner.</summary>
public sealed partial class SecretFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Owner)]
    [InlineData(UnixFileMode.UserRead)]
    [InlineData(Owner | UnixFileMode.UserExecute)]
    public void Its_owner_s_file_is_read(UnixFileMode mode)
    {
        var path = Secret(mode);
        Assert.Null(SecretFile.WhyNot(path));
        Assert.Equal("secret", SecretFile.ReadText(path));
        Assert.Equal("secret"u8.ToArray(), SecretFile.ReadBytes(path));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void Any_bit_for_another_is_refused_with_the_file_and_the_remedy(UnixFileMode open)
    {
        var path = Secret(Owner | open);
        var refused = Assert.Throws<SecretFileRefused>(() => SecretFile.ReadText(path));
        Assert.StartsWith($"{path} is open to others than its owner (mode 06", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("chmod 0400", refused.Message, StringComparison.Ordinal);
        Assert.Throws<SecretFileRefused>(() => SecretFile.ReadBytes(path));
    }

    [Fact]
    public void A_link_is_judged_by_where_it_leads()
    {
        var path = Secret(Owner);
        var link = path + ".link";
        File.CreateSymbolicLink(link, path);
        Assert.Equal("secret", SecretFile.ReadText(link));
        File.SetUnixFileMode(path, Owner | UnixFileMode.OtherRead);
        Assert.Throws<SecretFileRefused>(() => SecretFile.ReadText(link));
    }

    [Fact]
    public void What_is_no_regular_file_is_not_waited_for()
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        Assert.Equal(0, mkfifo(pipe, 0x180)); // 0600
        Assert.EndsWith(
            "is no regular file",
            Assert.Throws<SecretFileRefused>(() => SecretFile.ReadText(pipe)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_of_another_user_is_refused()
    {
        if (Posix.UserId != 0)
            return; // only root may give files away
        var path = Secret(UnixFileMode.UserRead);
        Assert.Equal(0, chown(path, 65534, 65534));
        Assert.Contains(
            "belongs to another user (id 65534)",
            Assert.Throws<SecretFileRefused>(() => SecretFile.ReadText(path)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("100400", 1654, true)] // our own
    [InlineData("100400", 0, true)] // handed over by root
    [InlineData("100440", 0, true)] // the same through the program's group: a secret of Kubernetes under fsGroup
    [InlineData("100640", 0, true)]
    [InlineData("100460", 0, false)]
    [InlineData("100444", 0, false)]
    [InlineData("100440", 1654, false)] // who owns it needs no group
    [InlineData("100400", 1000, false)]
    [InlineData("040400", 1654, false)] // a folder
    public void A_program_that_is_not_root_takes_its_own_secrets_and_those_of_root(string mode, uint owner, bool isTaken) =>
        Assert.Equal(isTaken, SecretFile.Judge(Convert.ToUInt16(mode, 8), owner, user: 1654) is null);

    [Fact]
    public void Root_takes_no_secret_that_a_group_may_read() => Assert.NotNull(SecretFile.Judge(Convert.ToUInt16("100440", 8), 0, user: 0));

    [Fact]
    public void A_file_that_is_not_there_is_no_matter_of_the_rule()
    {
        var path = Path.Combine(_folder.Path, "none");
        Assert.Null(SecretFile.WhyNot(path));
        Assert.Throws<FileNotFoundException>(() => SecretFile.ReadText(path));
    }

    [Fact]
    public void Keys_of_a_log_and_certificates_are_read_by_the_rule()
    {
        using var made = LogKey.Create();
        var path = Path.Combine(_folder.Path, "log.key");
        made.Save(path);
        using (LogKey.Load(path)) { }
        File.SetUnixFileMode(LogKey.SecondFile(path), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Throws<SecretFileRefused>(() => LogKey.Load(path));
        File.SetUnixFileMode(LogKey.SecondFile(path), UnixFileMode.UserRead);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Throws<SecretFileRefused>(() => LogKey.Load(path));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var self = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100)
        );
        var (certificate, pem) = (Path.Combine(_folder.Path, "c.pem"), Path.Combine(_folder.Path, "c.key"));
        File.WriteAllText(certificate, self.ExportCertificatePem());
        using (var file = new StreamWriter(SecretFile.Create(pem)))
            file.Write(key.ExportPkcs8PrivateKeyPem());
        using (var loaded = SecretFile.Certificate(certificate, pem))
            Assert.True(loaded.HasPrivateKey);
        File.SetUnixFileMode(pem, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Throws<SecretFileRefused>(() => SecretFile.Certificate(certificate, pem));
    }

    private string Secret(UnixFileMode mode)
    {
        var path = Path.Combine(_folder.Path, "secret");
        File.WriteAllText(path, "secret");
        File.SetUnixFileMode(path, mode);
        return path;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chown(string path, uint user, uint group);
}
