using System.Security.Cryptography;
using System.Text;
using Ledger.Journal;
using Ledger.Notes;

namespace Ledger.Tests.Support;

/// <summary>The published test keys and the worked example of the ledger page §19. Nothing real uses them.</summary>
internal static class The
{
    public const string Vkey = "anss.example/audit/2026/n1+3cc6f8cd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    public const string P256Vkey =
        "anss.example/audit/2026/n1+5a7a78cc+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGD+1LolWp0xyWHrdMY1bWjASbiSO2H6bOZpYi5g8p+2eQP+EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk=";
    public const string WitnessVkey = "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
    public const string ExchangeId = "01M4ZDBB2GDE3B4WZZ6KYE37BB";

    public const string Header =
        """log="anss.example/audit/2026/n1", id="01M4ZDBB2GDE3B4WZZ6KYE37BB", index=1, size=3, leaf=:bJ7oXs7l9XG/vz/ujfD2Gmt4E6U18zqvjaLxqG8W0ns=:, root=:1LHtAGxy3uhQayjw6T8vz82L9QuFvOIHRmpZPVOW4Ow=:, sig=:PMb4zbFiVIkDsGJHvxoHdoXizElbPfZ2U7g6BgwwXUfGtFTq6BqdCbxP0h1tfulymsBn3mGskdPJphRankfmBMmUuQk=:, salt=:oKGio6SlpqeoqaqrrK2urw==:""";

    public const string Proof = """
        c2sp.org/tlog-proof@v1
        index 1
        7wRSLgd7yUCqvb+6Jyn6ClbQosC3FPexux8l/1G3Pws=
        XKdhm8l1vnW3Ec38nTiKACEv26mFQxElJ5UYJTbQPKE=

        anss.example/audit/2026/n1
        3
        1LHtAGxy3uhQayjw6T8vz82L9QuFvOIHRmpZPVOW4Ow=

        — anss.example/audit/2026/n1 PMb4zbFiVIkDsGJHvxoHdoXizElbPfZ2U7g6BgwwXUfGtFTq6BqdCbxP0h1tfulymsBn3mGskdPJphRankfmBMmUuQk=
        — anss.example/audit/2026/n1 Wnp4zDBGAiEAlHjlQvbpmdl65g8meZBV7LOR6IG9L80PEwOZmdAMCXkCIQDt2lkQ2swuAnKeSc2DjKhz0FuudkaPwnamHtPk6pnq5Q==
        — witness.example/w1 BNLYMwAAAABq0JkDPUXENpryun8S2dy5k5yUBb4TsIuV7sCAnA2+kxB9M1DhqTOMciLkRHw3H3t+PKPzew4LNIIMWeaG0qthyT9EAw==

        """;

    public const string Request =
        """{"subject":{"scheme":"idcs","value":"2666041939"},"schoolYear":"2026-2027","referenceDate":"2026-10-15"}""";

    public const string Answer =
        """{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"ENROLLED","schoolYear":"2026-2027","since":"2026-09-07","schoolCode":"01234A"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR"],"sourcesUnavailable":[]}""";

    public static readonly string[] Records =
    [
        """{"v":1,"ev":"start","id":"01M4Z96G00BZPEPSQZS1QKHPAJ","ts":"2026-10-15T08:00:00.000Z","ver":"1.0.0","rt":"10.0.12","pol":"QaRUpB3iDFCwyTjfBkcXxg","clk":{"src":"ntp","est":3}}""",
        """{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2026-10-15T09:12:33.104Z","org":"ma.anss","cli":"ma.anss.office-06181-01","x5t":"YKP8gM2NCHvIFo9lcCadxQCGOzN0JKB6pxuaEE3CXH8","ip":"10.20.0.14","jti":"Zr8kQ1v2T0aYb7cXw4mN5p","agent":"ag-4417","aal":"stated","office":"TER-06181-01","op":"education.school-enrolment.read","purp":"FILE_ASSISTANCE","agr":"ANSS-MENPS-2026-01@3","pol":"QaRUpB3iDFCwyTjfBkcXxg","cref":"rqYWkW_rXPcO6jQuXStDnA","gate":"open","sk":"2026q4","subj":"kdwQHzomAr1lrBaGdNsi-Q","out":"permit","match":"MATCHED","st":200,"fld":["enrolment.status","enrolment.schoolYear","enrolment.since","enrolment.schoolCode"],"drp":["enrolment.cycle","enrolment.sector"],"len":263,"qdig":"TlJY-hGFwQzT84bGYUDXgJ8iqiQcn65RHtkgWnBOvLk","rdig":"rbpN2Y7DWVX03V1irOp0B73sKHRHrxZ8gLKz8NO-TWI","prov":[{"id":"ma.menps","src":"MENPS-MASSAR","st":200,"ms":31}],"ms":[1,31,34],"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}""",
        """{"v":1,"ev":"deny","id":"01M4ZDBCK3THSNWEH6BRBEXR1Z","ts":"2026-10-15T09:12:34.659Z","org":"ma.anss","cli":"ma.anss.batch","x5t":"YKP8gM2NCHvIFo9lcCadxQCGOzN0JKB6pxuaEE3CXH8","ip":"10.20.0.15","op":"education.school-enrolment.read","purp":"ASD_BIRTH","agr":"ANSS-MENPS-2026-01@3","pol":"QaRUpB3iDFCwyTjfBkcXxg","out":"deny","code":"purpose-not-covered","rule":"PER-02","st":403,"trace":"00f067aa0ba902b74bf92f3577b34da6"}""",
    ];

    public static readonly string[] Leaves =
    [
        "ef04522e077bc940aabdbfba2729fa0a56d0a2c0b714f7b1bb1f25ff51b73f0b",
        "6c9ee85ecee5f571bfbf3fee8df0f61a6b7813a535f33aaf8da2f1a86f16d27b",
        "5ca7619bc975be75b711cdfc9d388a00212fdba9854311252795182536d03ca1",
    ];

    public static byte[] Salt { get; } = [.. Enumerable.Range(0xa0, 16).Select(static i => (byte)i)];

    public static byte[] SubjectKey { get; } = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    /// <summary>RFC 8032 §7.1 test 1.</summary>
    public static byte[] LogSeed { get; } = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    /// <summary>RFC 8032 §7.1 test 2.</summary>
    public static byte[] WitnessSeed { get; } = Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

    public static SealedRecord[] Sealed() => [.. Records.Select(static text => SealedRecord.Of(Encoding.UTF8.GetBytes(text)))];

    /// <summary>RFC 8032 test 1 and RFC 6979 A.2.5.</summary>
    public static LogKey LogKey()
    {
        var p256 = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                D = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
                Q = new ECPoint
                {
                    X = Convert.FromHexString("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
                    Y = Convert.FromHexString("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
                },
            }
        );
        return Ledger.LogKey.Of(LogSeed, p256);
    }

    /// <summary>Segment 0 with the three records as one group, up to the end of its data.</summary>
    public static byte[] Journal()
    {
        using var keys = LogKey();
        var group = new GroupBuffer();
        var edge = new RightEdge();
        foreach (var record in Sealed())
        {
            edge.Push(group.Add(record.Text.Span, edge.Size));
        }

        new CheckpointSigner(Some.Origin, keys).Sign(edge.Size, edge.Root(), out var note);
        group.Commit(note, edge.Size);
        SegmentHeader.Write(group.WithHeader, 0, 0, Some.Origin);
        return group.WithHeader.ToArray();
    }

    public static VerifierKey Key() => VerifierKey.Parse(Vkey);
}
