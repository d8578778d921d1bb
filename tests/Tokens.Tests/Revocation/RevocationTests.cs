using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tokens.Revocation;
using Tokens.Status;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Revocation;

/// <summary>What authorities revoke and operators stop is refused on the next request, on connections that are open too (TH-01).</summary>
public sealed class RevocationTests : IDisposable
{
    private const string Good = nameof(CertificateStop.None),
        Revoked = nameof(CertificateStop.Revoked),
        Unknown = nameof(CertificateStop.Unknown);
    private readonly TestPki _pki = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("revocation-").FullName;

    private string List => Path.Combine(_folder, "partners.crl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("der")]
    [InlineData("pem")]
    public async Task A_certificate_on_a_list_from_a_file_is_refused_and_others_are_not(string form)
    {
        var (revoked, other) = (_pki.Leaf(), _pki.Leaf());
        var list = SomeCrl.Of(_pki.Root, number: 1, revoked: revoked);
        if (form == "der")
            await File.WriteAllBytesAsync(List, list, Token);
        else
            await File.WriteAllTextAsync(List, SomeCrl.Pem(list), Token);
        await using var host = await Start();
        Assert.Equal(Revoked, await host.Verdict(revoked));
        Assert.Equal(Good, await host.Verdict(other));
        Assert.Equal(RevocationStanding.Complete, host.Lists.Standing);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_list_that_is_replaced_bites_on_a_connection_that_is_open(string version)
    {
        var leaf = _pki.Leaf();
        await File.WriteAllBytesAsync(List, SomeCrl.Of(_pki.Root, number: 1), Token);
        await using var host = await Start();
        using var open = host.Client(leaf, version);
        var connection = (await open.GetStringAsync("/", Token)).Split(' ')[1];
        Assert.Equal(Good, await RevocationHost.Verdict(open));
        await Replace(SomeCrl.Of(_pki.Root, number: 2, revoked: leaf));
        await RevocationHost.Until(async () => await RevocationHost.Verdict(open) == Revoked, "the open connection is refused");
        Assert.Equal(connection, (await open.GetStringAsync("/", Token)).Split(' ')[1]);
        await Replace(SomeCrl.Of(_pki.Root, number: 3));
        await RevocationHost.Until(async () => await RevocationHost.Verdict(open) == Good, "a hold that was lifted is taken back");
    }

    [Fact]
    public async Task A_list_behind_a_link_that_is_turned_to_another_file_is_read()
    {
        var leaf = _pki.Leaf();
        var (before, after) = (Path.Combine(_folder, "1"), Path.Combine(_folder, "2"));
        await File.WriteAllBytesAsync(before, SomeCrl.Of(_pki.Root, number: 1), Token);
        await File.WriteAllBytesAsync(after, SomeCrl.Of(_pki.Root, number: 2, revoked: leaf), Token);
        File.CreateSymbolicLink(List, before);
        await using var host = await Start();
        Assert.Equal(Good, await host.Verdict(leaf));
        File.CreateSymbolicLink(List + ".new", after);
        File.Move(List + ".new", List, overwrite: true);
        await RevocationHost.Until(async () => await host.Verdict(leaf) == Revoked, "the other file is read");
    }

    [Fact]
    public async Task A_list_is_fetched_from_an_address_and_fetched_again()
    {
        var leaf = _pki.Leaf();
        var served = SomeCrl.Of(_pki.Root, number: 1);
        await using var web = await Serve(context => context.Response.Body.WriteAsync(served).AsTask());
        await using var host = await Start(settings =>
            (settings.Files, settings.Urls, settings.FetchEvery) = (
                [],
                [web.Urls.First() + "/partners.crl"],
                TimeSpan.FromMilliseconds(200)
            )
        );
        await RevocationHost.Until(async () => await host.Verdict(leaf) == Good, "the list is fetched");
        served = SomeCrl.Of(_pki.Root, number: 2, revoked: leaf);
        await RevocationHost.Until(async () => await host.Verdict(leaf) == Revoked, "the newer list is fetched");
        served = [];
        await RevocationHost.Until(() => Task.FromResult(host.Lists.Standing == RevocationStanding.Incomplete), "an empty answer is seen");
        Assert.Equal(Revoked, await host.Verdict(leaf));
    }

    [Fact]
    public async Task An_address_that_redirects_hangs_or_never_ends_gives_no_list()
    {
        var secret = SomeCrl.Of(_pki.Root, number: 1);
        await using var web = await Serve(async context =>
        {
            if (context.Request.Path == "/elsewhere")
                context.Response.Redirect("/list");
            else if (context.Request.Path == "/list")
                await context.Response.Body.WriteAsync(secret);
            else
                while (!context.RequestAborted.IsCancellationRequested)
                    await context.Response.Body.WriteAsync(new byte[4096]);
        });
        foreach (var path in new[] { "/elsewhere", "/endless" })
        {
            await using var host = await Start(settings =>
                (settings.Files, settings.Urls, settings.FetchEvery, settings.MaxBytes) = (
                    [],
                    [web.Urls.First() + path],
                    TimeSpan.FromMilliseconds(50),
                    100_000
                )
            );
            await RevocationHost.Until(
                () =>
                    Task.FromResult(
                        host.Lists.Current.Authorities[0]
                            .Faults.Any(static fault => !fault.Contains("not read yet", StringComparison.Ordinal))
                    ),
                "it is refused"
            );
            Assert.Equal(Unknown, await host.Verdict(_pki.Leaf()));
        }
    }

    [Theory]
    [InlineData(RevocationFailure.Hard, Unknown, RevocationStanding.Closed)]
    [InlineData(RevocationFailure.Soft, Good, RevocationStanding.Incomplete)]
    public async Task A_list_that_ends_or_is_missing_stops_an_authority_that_is_hard_and_warns_of_one_that_is_soft(
        RevocationFailure fail,
        string verdict,
        RevocationStanding standing
    )
    {
        var (leaf, revoked) = (_pki.Leaf(), _pki.Leaf());
        await using (var missing = await Start(settings => settings.Fail = fail))
        {
            Assert.Equal(verdict, await missing.Verdict(leaf));
            Assert.Equal(standing, missing.Lists.Standing);
            await File.WriteAllBytesAsync(
                List,
                SomeCrl.Of(_pki.Root, number: 1, until: DateTimeOffset.UtcNow.AddHours(1), revoked: revoked),
                Token
            );
            await RevocationHost.Until(
                async () => await missing.Verdict(leaf) == Good && missing.Lists.Standing == RevocationStanding.Complete,
                "the list is there"
            );
        }
        var clock = new ManualClock(DateTimeOffset.UtcNow);
        await using var host = await Start(settings => settings.Fail = fail, clock);
        using var open = host.Client(leaf);
        Assert.Equal(Good, await RevocationHost.Verdict(open));
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(verdict, await RevocationHost.Verdict(open));
        Assert.Equal(standing, host.Lists.Standing);
        // Nobody is taken off a list by waiting for its end.
        Assert.Equal(Revoked, await host.Verdict(revoked));
    }

    [Fact]
    public async Task A_list_of_a_hundred_thousand_certificates_is_taken()
    {
        var revoked = _pki.Leaf();
        await File.WriteAllBytesAsync(List, SomeCrl.Large(_pki.Root, 100_000, revoked), Token);
        await using var host = await Start();
        Assert.Equal(Revoked, await host.Verdict(revoked));
        Assert.Equal(Good, await host.Verdict(_pki.Leaf()));
    }

    [Fact]
    public async Task An_intermediate_is_looked_up_as_its_leaves_are()
    {
        var intermediate = _pki.Authority("CN=Issuing CA", _pki.Root, pathLength: 0);
        var (leaf, revoked) = (_pki.Leaf(issuer: intermediate), _pki.Leaf(issuer: intermediate));
        var below = Path.Combine(_folder, "below.crl");
        await File.WriteAllBytesAsync(List, SomeCrl.Of(_pki.Root, number: 1), Token);
        await using var host = await Start(settings => settings.Files.Add(below));
        Assert.Equal(Unknown, await host.Verdict(leaf, intermediate)); // the intermediate has no list, and the authority is hard
        await File.WriteAllBytesAsync(below, SomeCrl.Of(intermediate, number: 1, revoked: revoked), Token);
        await RevocationHost.Until(async () => await host.Verdict(leaf, intermediate) == Good, "the intermediate's list is read");
        Assert.Equal(Revoked, await host.Verdict(revoked, intermediate));
        using var open = host.Client(leaf, "2.0", intermediate);
        Assert.Equal(Good, await RevocationHost.Verdict(open));
        await Replace(SomeCrl.Of(_pki.Root, number: 2, revoked: intermediate));
        await RevocationHost.Until(
            async () => await RevocationHost.Verdict(open) == Revoked,
            "the revoked intermediate takes its leaves along"
        );
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task What_operators_stop_by_fingerprint_or_by_issuer_and_number_is_refused_on_an_open_connection(string version)
    {
        var intermediate = _pki.Authority("CN=Issuing CA, O=ANSS", _pki.Root, pathLength: 0);
        var (leaf, alone) = (_pki.Leaf(issuer: intermediate), TestPki.SelfSigned());
        await using var host = await RevocationHost.Start(_pki, _folder, settings: null, selfSigned: [alone]);
        using var open = host.Client(leaf, version, intermediate);
        using var registered = host.Client(alone, version);
        Assert.Equal((Good, Good), (await RevocationHost.Verdict(open), await RevocationHost.Verdict(registered)));
        var above = CertificateId.Of(_pki.Root.SubjectName, SerialNumber.Read(intermediate.SerialNumber)!)!;
        foreach (
            var id in new[]
            {
                CertificateId.ReadFingerprint(leaf.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256))!,
                CertificateId.Of(intermediate.SubjectName, SerialNumber.Read(leaf.SerialNumber)!)!,
                above,
            }
        )
        {
            await host.Status.Suspend(StoppedKind.Certificate, id, "key-leak");
            await RevocationHost.Until(async () => await RevocationHost.Verdict(open) == Revoked, id + " is stopped");
            Assert.Equal(Good, await RevocationHost.Verdict(registered));
            await host.Status.Lift(StoppedKind.Certificate, id);
            await RevocationHost.Until(async () => await RevocationHost.Verdict(open) == Good, id + " goes on");
        }
        await host.Status.Suspend(
            StoppedKind.Certificate,
            CertificateId.ReadFingerprint(alone.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256))!,
            "key-leak"
        );
        await RevocationHost.Until(
            async () => await RevocationHost.Verdict(registered) == Revoked,
            "a registered self-signed certificate is stopped"
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<RevocationHost> Start(Action<RevocationSettings>? change = null, TimeProvider? time = null)
    {
        var settings = new RevocationSettings { Files = [List], Fail = RevocationFailure.Hard };
        change?.Invoke(settings);
        return RevocationHost.Start(_pki, _folder, settings, time);
    }

    private async Task Replace(byte[] list)
    {
        await File.WriteAllBytesAsync(List + ".new", list, Token);
        File.Move(List + ".new", List, overwrite: true);
    }

    private static async Task<WebApplication> Serve(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(Token);
        return app;
    }
}
