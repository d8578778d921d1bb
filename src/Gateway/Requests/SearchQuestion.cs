using System.Globalization;
using System.Net;
using System.Text;
using Agreements;
using Agreements.Contracts;

namespace Gateway.Requests;

/// <summary>A FHIR search as it was allowed: what it becomes for a provider (health page, section 6).</summary>
internal sealed class SearchQuestion
{
    public required FhirType Type { get; init; }

    /// <summary>Allowed parameters other than the person, in the order sent.</summary>
    public List<(string Name, string Value)> Parameters { get; } = [];
    public int Count { get; set; } = 50;

    /// <summary>Top level names of what is released.</summary>
    public required string Elements { get; init; }

    public bool Has(string name) => Parameters.Exists(pair => pair.Name == name);

    public ReadOnlyMemory<byte> Form(DataSubject sent, FhirProvider provider)
    {
        var form = new StringBuilder(256);
        Add(form, $"{Type.Search[0]}:identifier", $"{provider.PersonSystem}|{sent.Value}");
        foreach (var (name, value) in Parameters)
            Add(form, name, value);
        Add(form, "_count", Count.ToString(CultureInfo.InvariantCulture));
        if (provider.SendElements)
            Add(form, "_elements", Elements);
        return Encoding.ASCII.GetBytes(form.ToString());
    }

    private static void Add(StringBuilder form, string name, string value)
    {
        if (form.Length > 0)
            form.Append('&');
        form.Append(WebUtility.UrlEncode(name)).Append('=').Append(WebUtility.UrlEncode(value));
    }
}
