using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Agreements.Signatures;

namespace Agreements.Tests;

/// <summary>
/// What was replaced does not come back, a version has one text, and a signature counts as on the day on which it was first seen.
/// </summary>
public sealed class RollbackTests : IDisposable
{
    private const string Id = "ANSS-ANAPEC-2026-01",
        File = $"agreements/{Id}.yaml";
    private readonly TheContracts _contracts = new();
    private string? _kept;

    public void Dispose() => _contracts.Dispose();

    [Fact]
    public void A_version_that_was_replaced_does_not_come_back_not_even_after_a_restart()
    {
        var book = Open();
        var first = _contracts.Read(File);
        Law(book);
        Raise(2);
        Law(book);
        _contracts.Write(File, first);
        Assert.Equal("version 1 was replaced: version 2 has been law here", Wrong(book).What);
        Assert.True(
            Wrong(Open())
                is
            {
                File: File,
                Line: > 0,
                Remedy: "Restore version 2, or have the parties sign version 3: what was replaced does not come back"
            }
        );
        Raise(3);
        Law(Open());
    }

    [Fact]
    public void Taking_a_file_away_and_putting_an_old_one_back_is_a_rollback_too()
    {
        var book = Open();
        Raise(2);
        var second = _contracts.Read(File);
        Law(book);
        Raise(3);
        Law(book);
        System.IO.File.Delete(_contracts.At(File));
        Law(book);
        _contracts.Write(File, second);
        Assert.Equal("version 2 was replaced: version 3 has been law here", Wrong(Open()).What);
        _contracts.Write(
            File,
            second
                .Replace("version: 2", "version: 1", StringComparison.Ordinal)
                .Replace("replaces: 1\n", "", StringComparison.Ordinal)
                .Split("signatures:")[0]
        );
        Assert.Equal("version 1 was replaced: version 3 has been law here", Wrong(Open()).What);
    }

    [Fact]
    public void A_version_has_one_text_whoever_signs_it()
    {
        var book = Open();
        Law(book);
        _contracts.Edit(File, "perDay: 200000", "perDay: 200001");
        _contracts.Sign(Id);
        Assert.Equal("version 1 has been law here with another text", Wrong(book).What);
        _contracts.Write(File, _contracts.Read(File).Split("signatures:")[0]);
        Assert.Equal("version 1 has been law here with another text", Wrong(book).What);
        _contracts.Edit(File, "perDay: 200001", "perDay: 200000");
        _contracts.Sign(Id);
        Law(book); // the same text under new signatures
    }

    [Fact]
    public void A_draft_may_change_until_every_party_has_signed()
    {
        var book = Open();
        Law(book);
        _contracts.Write(
            "agreements/ANSS-NEW-2026-01.yaml",
            _contracts.Read(File).Split("signatures:")[0].Replace(Id, "ANSS-NEW-2026-01", StringComparison.Ordinal)
        );
        Law(book);
        _contracts.Edit("agreements/ANSS-NEW-2026-01.yaml", "perDay: 200000", "perDay: 3");
        Law(book);
        _contracts.Sign("ANSS-NEW-2026-01");
        Law(book);
        _contracts.Edit("agreements/ANSS-NEW-2026-01.yaml", "perDay: 3", "perDay: 4");
        _contracts.Sign("ANSS-NEW-2026-01");
        Assert.Equal("version 1 has been law here with another text", Wrong(book).What);
    }

    [Fact]
    public void The_ledger_tells_a_book_that_is_new_what_was_law()
    {
        var law = Law(Open());
        _kept = null;
        var book = Open();
        book.Recall(Id, 2, new string('a', 64), new string('b', 64));
        Assert.Equal("version 1 was replaced: version 2 has been law here", Wrong(book).What);
        _kept = null;
        book = Open();
        book.Recall(Id, 1, null, law.Agreements[Id].Digest); // as records of before tell it
        Law(book);
        _contracts.Edit(File, "perDay: 200000", "perDay: 200001");
        _contracts.Sign(Id);
        Assert.Equal("version 1 has been law here with another text", Wrong(book).What);
    }

    [Fact]
    public void A_signature_of_a_suspended_institution_never_counts_and_those_of_before_do()
    {
        var book = Open();
        Law(book);
        StopsAloneTests.Append(_contracts, "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n");
        Law(book);
        Raise(2);
        var signed = _contracts.Read(File);
        Assert.Equal("the signature of 'anapec' does not count: when it was seen first, the institution was suspended", Wrong(book).What);
        _contracts.Edit("suspensions.yaml", "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n", "");
        Assert.StartsWith("the signature of 'anapec' does not count", Wrong(Open()).What, StringComparison.Ordinal);
        _contracts.Sign(Id);
        Law(Open());
        Assert.NotEqual(signed, _contracts.Read(File));
    }

    [Fact]
    public void A_signature_that_does_not_count_does_not_count_in_its_other_form_either()
    {
        var book = Open();
        Law(book);
        const string stop = "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n";
        StopsAloneTests.Append(_contracts, stop);
        Law(book);
        Raise(2);
        Assert.Equal("the signature of 'anapec' does not count: when it was seen first, the institution was suspended", Wrong(book).What);
        _contracts.Edit("suspensions.yaml", stop, "");
        var values = new Regex("(?<=[.]{2})[A-Za-z0-9_-]{86}", RegexOptions.None, TimeSpan.FromMinutes(1));
        _contracts.Write(File, values.Replace(_contracts.Read(File), OtherForm)); // fits, and takes no key
        Assert.StartsWith("the signature of 'anapec' does not count", Wrong(Open()).What, StringComparison.Ordinal);
        _contracts.Sign(Id);
        Law(Open());
    }

    // With (r, s) an ECDSA signature (r, n - s) fits too.
    private static string OtherForm(Match found)
    {
        const string n = "00FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
        var order = BigInteger.Parse(n, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var signature = Base64Url.DecodeFromChars(found.Value);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var other = (order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
        signature.AsSpan(32).Clear();
        other.CopyTo(signature, 64 - other.Length);
        return Base64Url.EncodeToString(signature);
    }

    [Fact]
    public void A_signature_that_comes_with_the_end_of_the_suspension_does_not_count()
    {
        var book = Open();
        StopsAloneTests.Append(_contracts, "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n");
        Law(book);
        _contracts.Edit("suspensions.yaml", "  - { kind: institution, id: anapec, by: anss, since: 2026-10-01 }\n", "");
        Raise(2);
        var load = RegistryLoader.Load(_contracts.Folder, TheContracts.Time, null, null, book, static institution =>
            institution == "anapec"
        );
        Assert.Contains(load.Errors, static error => error.What.Contains("the institution was suspended", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("until: 2026-10-31")]
    [InlineData("from: 2026-12-01")]
    public void A_key_out_of_its_term_signs_nothing_more_and_what_it_signed_before_stays(string term)
    {
        var book = Open();
        Law(book);
        _contracts.Edit("institutions/anapec.yaml", "anapec-sign-2026.jwk.json }", $"anapec-sign-2026.jwk.json, {term} }}");
        if (term.StartsWith("until", StringComparison.Ordinal))
            Law(book);
        Raise(2);
        Assert.Contains(Load(book).Errors, static error =>
            error.What == "the signature of 'anapec' does not count: when it was seen first, its key was out of its term"
        );
    }

    [Fact]
    public void A_signature_dated_after_the_end_of_its_key_is_refused_by_every_load()
    {
        _contracts.Edit("institutions/anapec.yaml", "anapec-sign-2026.jwk.json }", "anapec-sign-2026.jwk.json, until: 2026-08-19 }");
        Assert.Contains(_contracts.Load().Errors, static error =>
            error is { File: File, Line: > 0, What: "the key 'anapec-sign-2026' might not sign on 20 August 2026" }
        );
    }

    [Fact]
    public void A_set_that_was_approved_once_is_not_law_again_with_its_old_approvals()
    {
        var operators = OperatorSet.Read(
            string.Join('\n', ((string[])["op-1", "op-2"]).Select(static id => $"{{\"operator\":\"{id}\",\"jwk\":{TheContracts.Jwk(id)}}}"))
        );
        var book = Open();
        Approve();
        var (institution, approvals) = (_contracts.Read("institutions/anss.yaml"), _contracts.Read("approvals.yaml"));
        Assert.NotNull(RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators, null, book).Registry);
        _contracts.Edit("institutions/anss.yaml", "tokensPerMinute: 60", "tokensPerMinute: 6");
        Approve();
        Assert.NotNull(RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators, null, book).Registry);
        _contracts.Write("institutions/anss.yaml", institution);
        _contracts.Write("approvals.yaml", approvals);
        var load = RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators, null, Open());
        Assert.Equal(
            "approval 1 was replaced: approval 2 has been in force here",
            Assert.Single(load.Errors, static error => error.File == "approvals.yaml").What
        );
        System.IO.File.Delete(_contracts.At("approvals.yaml"));
        Approve(); // one who does not know the number that was reached
        Assert.Contains(RegistryLoader.Load(_contracts.Folder, TheContracts.Time, operators, null, Open()).Errors, static error =>
            error.What.StartsWith("approval 1 was replaced", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void What_cannot_be_written_down_is_not_law()
    {
        var book = LawBook.Open(null, static _ => throw new IOException());
        Assert.Contains(Load(book).Errors, static error =>
            error.What.StartsWith("what is law cannot be written down", StringComparison.Ordinal)
        );
        Assert.Throws<InvalidDataException>(static () => LawBook.Open("{}", static _ => { }));
        Assert.Throws<InvalidDataException>(static () => LawBook.Open("nonsense", static _ => { }));
    }

    [Fact]
    public async Task A_watcher_keeps_the_version_in_force_when_an_old_one_is_put_back()
    {
        var first = _contracts.Read(File);
        await using var watcher = RegistryWatcher.Start(_contracts.Folder, TimeProvider.System, out _, null, Open())!;
        Raise(2);
        await StopsAloneTests.Until(() => watcher.Current.Agreements[Id].Version == 2);
        _contracts.Write(File, first);
        await StopsAloneTests.Until(() =>
            watcher.LastErrors.Any(static error => error.What.StartsWith("version 1 was replaced", StringComparison.Ordinal))
        );
        Assert.Equal(2, watcher.Current.Agreements[Id].Version);
        Assert.NotNull(watcher.Lag);
    }

    private LawBook Open() => LawBook.Open(_kept, text => _kept = text);

    private RegistryLoad Load(LawBook book) => RegistryLoader.Load(_contracts.Folder, TheContracts.Time, null, null, book);

    private Registry Law(LawBook book)
    {
        var load = Load(book);
        Assert.Empty(load.Errors.Where(static error => error.Severity is LoadSeverity.Error).Select(static error => error.ToString()));
        return load.Registry!;
    }

    private LoadError Wrong(LawBook book) => Assert.Single(Load(book).Errors, static error => error.Severity is LoadSeverity.Error);

    private void Raise(int version)
    {
        var text = _contracts.Read(File).Split("signatures:")[0];
        var at = text.IndexOf("version: ", StringComparison.Ordinal);
        _contracts.Write(
            File,
            $"{text[..at]}version: {version}\nreplaces: {version - 1}\n{text[text.IndexOf("title:", StringComparison.Ordinal)..]}"
        );
        _contracts.Sign(Id);
        Assert.Contains($"version: {version}\n", _contracts.Read(File), StringComparison.Ordinal);
    }

    private void Approve()
    {
        var text = Approvable.Of(_contracts.Folder, TheContracts.Time)!.Text;
        _contracts.Write(
            "approvals.yaml",
            text
                + "signatures:\n"
                + string.Concat(
                    ((string[])["op-1", "op-2"]).Select(id =>
                        $"  - {{ operator: {id}, on: 2026-11-21, algorithm: ES256, value: \"{AgreementSignature.Sign(text, id, TheContracts.Key(id))}\" }}\n"
                    )
                )
        );
    }
}
