using Agreements.Loading;
using Agreements.Signatures;

namespace Agreements.Tests;

/// <summary>A changed set is law only with two operators' signatures; stopping something takes none.</summary>
public sealed class ApprovalsTest : IDisposable
{
    private readonly TheContracts _contracts = new();
    private readonly OperatorSet _operators = OperatorSet.Read(
        string.Join('\n', ((string[])["op-1", "op-2", "op-3"]).Select(id => $"{{\"operator\":\"{id}\",\"jwk\":{TheContracts.Jwk(id)}}}"))
    );

    public void Dispose() => _contracts.Dispose();

    [Fact]
    public void A_set_that_nobody_approved_does_not_load()
    {
        Assert.Equal("nobody approved the set", Error());
        Approve("op-1");
        Assert.Equal("approvals of two operators are needed, and there is 1", Error());
        Approve("op-1", "op-1");
        Assert.Equal("approvals of two operators are needed, and there is 1", Error());
        Approve("op-1", "op-2");
        Assert.NotNull(Load().Registry);
    }

    [Theory]
    [InlineData("agreements/ANSS-ANAPEC-2026-01.yaml")]
    [InlineData("institutions/anss.yaml")]
    [InlineData("institutions/anss-sign-2026.jwk.json")]
    [InlineData("reference/areas.yaml")]
    [InlineData("openapi/education.yaml")]
    public void Any_changed_byte_of_any_file_needs_two_approvals_again(string file)
    {
        Approve("op-1", "op-3");
        _contracts.Write(
            file,
            file.EndsWith("json", StringComparison.Ordinal) ? _contracts.Read(file) + "\n" : "# changed\n" + _contracts.Read(file)
        );
        if (file.StartsWith("agreements", StringComparison.Ordinal))
            _contracts.Sign("ANSS-ANAPEC-2026-01");
        Assert.Equal("the approvals are of another set of files", Error());
        Approve("op-1", "op-3");
        Assert.NotNull(Load().Registry);
    }

    [Fact]
    public void Suspending_takes_nobody_and_letting_go_on_takes_two()
    {
        var before = _contracts.Read("suspensions.yaml");
        Approve("op-1", "op-2");
        _contracts.Edit(
            "suspensions.yaml",
            "suspensions:\n",
            "suspensions:\n  - { kind: agreement, id: ANSS-ANAPEC-2026-01, by: anapec, since: 2026-11-01 }\n"
        );
        Assert.NotNull(Load().Registry);
        _contracts.Write("suspensions.yaml", before);
        Assert.NotNull(Load().Registry);
        _contracts.Write("suspensions.yaml", "schema: gateway.suspensions/1\nsuspensions: []\n");
        Assert.Equal("'agreement ANSS-CNSS-2026-01 since 2026-10-20' was stopped when the set was approved, and is not any more", Error());
        Approve("op-2", "op-3");
        Assert.NotNull(Load().Registry);
    }

    [Fact]
    public void A_stranger_s_signature_and_one_under_other_bytes_do_not_count()
    {
        Approve("op-1", "op-9");
        Assert.Contains(Load().Errors, error => error is { File: "approvals.yaml", What: "'op-9' is no operator", Line: > 0 });
        Approve("op-1", "op-2");
        _contracts.Edit("approvals.yaml", "stopped: [", "stopped: [ ");
        Assert.Contains(Load().Errors, error => error.What == "the approval of 'op-1' does not fit the file");
        Assert.Null(Load().Registry);
    }

    [Fact]
    public void An_approval_names_its_operator_and_is_no_bare_signature()
    {
        Approve("op-1", "op-2");
        var approved = _contracts.Read("approvals.yaml");
        _contracts.Edit("approvals.yaml", "operator: op-1", "operator: op-3");
        Assert.Equal(
            "the approval of 'op-3' is no detached JWS of this operator (ES256, b64 false, kid)",
            Assert
                .Single(Load().Errors, error => error.File == "approvals.yaml" && error.What.Contains("op-3", StringComparison.Ordinal))
                .What
        );
        _contracts.Write("approvals.yaml", approved);
        var value = approved.Split("value: \"")[1].Split('"')[0];
        _contracts.Edit("approvals.yaml", value, value.Split('.')[2]);
        Assert.Contains(Load().Errors, error =>
            error is { File: "approvals.yaml", Line: > 0 }
            && error.Remedy.Contains("approve anew: gatewayctl contracts approve", StringComparison.Ordinal)
        );
        Assert.Null(Load().Registry);
    }

    [Fact]
    public async Task The_watcher_keeps_the_approved_set_until_two_have_approved_the_new_one()
    {
        Assert.Null(RegistryWatcher.Start(_contracts.Folder, TimeProvider.System, out _, _operators));
        Approve("op-1", "op-2");
        await using var watcher = RegistryWatcher.Start(_contracts.Folder, TimeProvider.System, out _, _operators)!;
        var law = watcher.Current;
        _contracts.Edit("agreements/ANSS-ANAPEC-2026-01.yaml", "perDay: 200000", "perDay: 999999");
        _contracts.Sign("ANSS-ANAPEC-2026-01");
        await Until(() => watcher.LastErrors.Any(error => error.File == "approvals.yaml"));
        Assert.Same(law, watcher.Current);
        Approve("op-1", "op-3");
        await Until(() => watcher.Current != law);
        Assert.Equal(999_999, watcher.Current.Agreements["ANSS-ANAPEC-2026-01"].Grants[0].Quotas.PerDay);
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 150 && !holds(); i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True(holds());
    }

    [Fact]
    public void An_operators_file_with_one_key_for_two_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => OperatorSet.Read($"{{\"operator\":\"a\",\"jwk\":{TheContracts.Jwk("a")}}}"));
        Assert.Throws<InvalidDataException>(() =>
            OperatorSet.Read(
                $"{{\"operator\":\"a\",\"jwk\":{TheContracts.Jwk("a")}}}\n{{\"operator\":\"b\",\"jwk\":{TheContracts.Jwk("a")}}}"
            )
        );
        Assert.Null(OperatorSet.FromFile(""));
    }

    private RegistryLoad Load() => RegistryLoader.Load(_contracts.Folder, TheContracts.Time, _operators);

    private string Error() => Assert.Single(Load().Errors, error => error is { File: "approvals.yaml", Severity: LoadSeverity.Error }).What;

    private void Approve(params string[] by)
    {
        var text = Approvable.Of(_contracts.Folder, TheContracts.Time)!.Text;
        _contracts.Write(
            "approvals.yaml",
            text
                + "signatures:\n"
                + string.Concat(
                    by.Select(id =>
                        $"  - {{ operator: {id}, on: 2026-11-21, algorithm: ES256, value: \"{AgreementSignature.Sign(text, id, TheContracts.Key(id))}\" }}\n"
                    )
                )
        );
    }
}
