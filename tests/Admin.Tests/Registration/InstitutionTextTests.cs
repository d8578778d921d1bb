using Admin.CommandLine;
using Admin.Registration;
using FsCheck.Fluent;

namespace Admin.Tests.Registration;

/// <summary>Files of institutions are changed where they must change and nowhere else.</summary>
public sealed class InstitutionTextTests
{
    private const string File = """
        # Reviewed on 3 March.
        id: anss
        names: { fr: "Agence", ar: "الوكالة", en: "Agency" }
        clients:
          # The first system; do not touch before May.
          - id: anss-one   # the oldest
            names: { fr: "Un", ar: "واحد", en: "One" }
            status: active # since 2024
            auth: private_key_jwt
            jwks: { file: anss-one.jwks.json }
          - { id: anss-two, status: suspended, auth: tls_client_auth }
          - id: anss-three
            auth: tls_client_auth
          # A system that is to come.

        # Keys that sign agreements.
        signingKeys: [ { id: anss-sign-2026, file: anss-sign-2026.jwk.json } ]

        """;

    private const string Fragment = "  - id: anss-new\n    auth: tls_client_auth\n";

    [Fact]
    public void A_client_is_added_behind_the_last_and_every_other_line_stays()
    {
        var text = InstitutionText.Parse(File).WithClient(Fragment);
        Assert.Equal(
            File.Replace(
                "  # A system that is to come.\n",
                "  # A system that is to come.\n  - id: anss-new\n    auth: tls_client_auth\n",
                StringComparison.Ordinal
            ),
            text
        );
        Assert.Equal(["anss-one", "anss-two", "anss-three", "anss-new"], InstitutionText.Parse(text).Clients);
    }

    [Fact]
    public void A_fragment_may_stand_at_any_indentation_or_be_a_plain_mapping()
    {
        var expected = InstitutionText.Parse(File).WithClient(Fragment);
        Assert.Equal(expected, InstitutionText.Parse(File).WithClient("- id: anss-new\n  auth: tls_client_auth"));
        Assert.Equal(expected, InstitutionText.Parse(File).WithClient("id: anss-new\nauth: tls_client_auth\n"));
        Assert.Equal(expected, InstitutionText.Parse(File).WithClient("        - id: anss-new\r\n          auth: tls_client_auth\r\n\r\n"));
    }

    [Theory]
    [InlineData("id: x\nclients: []\n")]
    [InlineData("id: x\n")]
    [InlineData("clients: []\nid: x\n")]
    public void The_first_client_of_an_institution_opens_its_list(string file) =>
        Assert.Equal(["anss-new"], InstitutionText.Parse(InstitutionText.Parse(file).WithClient(Fragment)).Clients);

    [Theory]
    [InlineData("- id: a\n- id: b\n")]
    [InlineData("- id: a\nroles: [provider]\n")]
    [InlineData("\n")]
    public void A_fragment_that_would_leave_its_place_is_refused(string fragment) =>
        Assert.Throws<Declined>(() => InstitutionText.Parse(File).WithClient(fragment));

    [Fact]
    public void A_status_is_changed_in_place_in_either_style_and_written_where_it_was_missing()
    {
        var one = InstitutionText.Parse(File).WithStatus("anss-one", "suspended");
        Assert.Equal(File.Replace("status: active # since", "status: suspended # since", StringComparison.Ordinal), one);
        Assert.Equal(
            File.Replace("status: suspended, auth", "status: active, auth", StringComparison.Ordinal),
            InstitutionText.Parse(File).WithStatus("anss-two", "active")
        );
        Assert.Contains(
            "  - id: anss-three\n    status: suspended\n    auth",
            InstitutionText.Parse(File).WithStatus("anss-three", "suspended"),
            StringComparison.Ordinal
        );
        Assert.Throws<Declined>(() => InstitutionText.Parse(File).WithStatus("anss-none", "active"));
    }

    [Fact]
    public void Adding_and_changing_never_loses_a_client_whatever_comments_stand_between() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Lines().ToArbitrary(), static lines =>
            {
                var text =
                    "id: x\nclients:\n"
                    + string.Concat(
                        lines.Select(
                            static (line, i) =>
                                line switch
                                {
                                    0 => "\n",
                                    1 => "  # note: - id: trap\n",
                                    2 => "# at the margin\n",
                                    _ => $"  - id: c-{i}\n    status: active\n",
                                }
                        )
                    );
                if (!text.Contains("- id: c-", StringComparison.Ordinal))
                    return true;
                var before = InstitutionText.Parse(text).Clients.ToArray();
                var changed = InstitutionText.Parse(text).WithClient("- id: c-new\n  status: active\n");
                foreach (var client in before)
                    changed = InstitutionText.Parse(changed).WithStatus(client, "suspended");
                return InstitutionText.Parse(changed).Clients.SequenceEqual([.. before, "c-new"])
                    && changed.Split('\n').Count(static line => line.Contains("status: suspended", StringComparison.Ordinal))
                        == before.Length;
            }));

    private static FsCheck.Gen<int[]> Lines() => Gen.Choose(0, 5).ArrayOf();
}
