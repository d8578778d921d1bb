using System.Text;
using Agreements.Keys;
using Agreements.Loading;
using Agreements.Loading.Yaml;
using Agreements.Signatures;
using Fuzz;

namespace Agreements.Tests.Fuzz;

/// <summary>Keys, signatures and files that partners hand in are read or refused, whatever the bytes.</summary>
public sealed class OutsideBytesTests
{
    private const string Key =
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"k-1","alg":"ES256","use":"sig"}""";
    private const string Rsa =
        """{"kty":"RSA","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw","e":"AQAB","kid":"r-1"}""";

    [Fact]
    public void Keys() =>
        Mutations.Survive([Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes(Rsa)], static bytes => PublicKeySet.ReadKey(bytes, out _));

    [Fact]
    public void Sets_of_keys() =>
        Mutations.Survive([Encoding.UTF8.GetBytes($$"""{"keys":[{{Key}},{{Rsa}}]}""")], static bytes => PublicKeySet.ReadSet(bytes, out _));

    [Fact]
    public void Signatures() =>
        Mutations.Survive(
            [
                "eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0sImtpZCI6ImstMSJ9..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ],
            static text => DetachedJws.Read(text, "k-1")
        );

    [Fact]
    public void Files_of_the_contracts() =>
        Mutations.Survive(
            [
                File.ReadAllBytes(Path.Combine(global::Contracts.CopiedContracts.Committed, "agreements", "ANSS-MENPS-2026-01.yaml")),
                Encoding.UTF8.GetBytes("a: [1, {b: c}]\nd: |\n  e\n"),
            ],
            static bytes => StrictYaml.Read(bytes, new FileReport("f.yaml", [], new SharedValues()))
        );

    [Fact]
    public void Operators() =>
        Mutations.Survive(
            [$$"""{"operator":"o1","jwk":{{Key}}}""" + "\n" + $$"""{"operator":"o2","jwk":{{Rsa}}}"""],
            static text => OperatorSet.Read(text),
            static fault => fault is InvalidDataException
        );

    [Fact]
    public void Certificates_that_were_seen() =>
        Mutations.Survive(
            [
                SeenCertificates.Write([
                    new SeenCertificate(
                        "c",
                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                        DateTimeOffset.UnixEpoch,
                        new DateOnly(2026, 1, 1)
                    ),
                ]),
                "[null]",
            ],
            static text => _ = SeenCertificates.Expiring(SeenCertificates.Read(text), new DateOnly(2026, 1, 1)).Count(),
            static fault => fault is InvalidDataException
        );
}
