using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ledger.Notes;

/// <summary>
/// A C2SP tlog-policy file: which logs are trusted, which witnesses exist, and how many of them must have cosigned a checkpoint.
/// <code>
/// log     anss.example/audit/2026/n1+3cc6f8cd+Adda… https://gateway.anss.example/audit/2026/n1/
/// witness cndp  witness.cndp.example/w1+…
/// group   outside 2 cndp menps cnss
/// quorum  outside
/// </code>
/// </summary>
public sealed class TrustPolicy
{
    private readonly List<VerifierKey> _logs = [];
    private readonly Dictionary<string, Uri> _logUrls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PolicyWitness> _witnesses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Needed, string[] Members)> _groups = new(StringComparer.Ordinal);
    private string? _quorum;
    private bool _every;

    /// <summary>Keys of the trusted logs, in order.</summary>
    public IReadOnlyList<VerifierKey> Logs => _logs;

    /// <summary>The witnesses that the policy names, whether the quorum counts them or not.</summary>
    public IReadOnlyCollection<PolicyWitness> Witnesses => _witnesses.Values;

    /// <summary>Whether a checkpoint needs cosignatures at all: false for <c>quorum none</c>.</summary>
    public bool NeedsWitnesses => _quorum != "none";

    /// <summary>Where a log can be read, when the policy says it.</summary>
    public Uri? UrlOf(string origin) => _logUrls.GetValueOrDefault(origin);

    /// <summary>Whether the quorum of witnesses has cosigned the note. The log's own signature is not looked at.</summary>
    public bool HasQuorum(SignedNote note) => Holds(_quorum!, note);

    /// <summary>
    /// A policy that trusts these log keys and asks for no witness. Every key given for a log must have signed its checkpoints; in a policy
    /// file one of them is enough, since keys overlap when they are rotated.
    /// </summary>
    public static TrustPolicy Of(params IEnumerable<VerifierKey> keys)
    {
        var policy = new TrustPolicy { _quorum = "none", _every = true };
        policy._logs.AddRange(keys);
        return policy;
    }

    /// <summary>Reads a policy file.</summary>
    /// <param name="text">Its lines; <c>#</c> begins a comment.</param>
    /// <param name="ed25519">How to check Ed25519; by default with OpenSSL.</param>
    /// <exception cref="FormatException">A line is not understood; it is named.</exception>
    public static TrustPolicy Parse(string text, Ed25519Verification? ed25519 = null)
    {
        var policy = new TrustPolicy();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0][0] != '#' && !policy.TryAdd(words, ed25519))
            {
                throw new FormatException($"Line {number} of the policy is not understood.");
            }
        }

        return policy._quorum is null || policy._logs.Count == 0 ? throw new FormatException("A policy names a log and a quorum.") : policy;
    }

    /// <summary>Opens a checkpoint of a trusted log, cosigned by the quorum. On failure, why.</summary>
    public bool TryOpen(string note, [NotNullWhen(true)] out Checkpoint? checkpoint, out string reason)
    {
        var fault = FaultOf(note, out var read);
        checkpoint = fault is null ? read : null;
        reason = fault switch
        {
            null => "",
            DamageKind.CheckpointMalformed => "the checkpoint is malformed",
            DamageKind.LogUnknown => $"the log {read!.Origin} is not trusted",
            DamageKind.CheckpointUnsigned => $"the checkpoint is not signed by the key of {read!.Origin}",
            _ => "the checkpoint is not cosigned by the quorum of witnesses",
        };
        return checkpoint is not null;
    }

    /// <summary>What keeps a note from being a checkpoint of a trusted log, cosigned by the quorum; null when nothing does.</summary>
    /// <param name="note">The signed note.</param>
    /// <param name="checkpoint">What it states, trusted or not; null when it is no checkpoint.</param>
    public DamageKind? FaultOf(string note, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (!SignedNote.TryParse(note, out var signed) || !Checkpoint.TryParse(signed.Text, out var read))
        {
            return DamageKind.CheckpointMalformed;
        }

        checkpoint = read;
        var keys = _logs.Where(key => key.Name == read.Origin).ToList();
        return keys.Count == 0 ? DamageKind.LogUnknown
            : (_every ? !keys.TrueForAll(signed.IsSignedBy) : !keys.Exists(signed.IsSignedBy)) ? DamageKind.CheckpointUnsigned
            : !Holds(_quorum!, signed) ? DamageKind.CheckpointUncosigned
            : null;
    }

    private bool Holds(string name, SignedNote note) =>
        name == "none"
        || (_witnesses.TryGetValue(name, out var witness) && note.IsSignedBy(witness.Key))
        || (_groups.TryGetValue(name, out var group) && group.Members.Count(member => Holds(member, note)) >= group.Needed);

    private bool TryAdd(string[] words, Ed25519Verification? ed25519)
    {
        switch (words[0])
        {
            case "log"
                when words.Length is 2 or 3
                    && VerifierKey.TryParse(words[1], out var key, ed25519)
                    && key.Kind != SignatureKind.CosignatureV1
                    && TryUrl(words, 2, out var url):
                _logs.Add(key);
                if (url is not null)
                {
                    _logUrls[key.Name] = url;
                }

                return true;
            case "witness"
                when words.Length is 3 or 4
                    && IsFree(words[1])
                    && VerifierKey.TryParse(words[2], out var key, ed25519)
                    && key.Kind == SignatureKind.CosignatureV1
                    && TryUrl(words, 3, out var url)
                    && !_witnesses.Values.Any(other => other.Key.IsSameKey(key)):
                _witnesses.Add(words[1], new PolicyWitness(words[1], key, url));
                return true;
            case "group"
                when words.Length >= 4
                    && IsFree(words[1])
                    && TryNeeded(words, out var needed)
                    && words[3..].All(IsKnown)
                    && !words[3..].Any(member => _groups.Values.Any(group => group.Members.Contains(member)))
                    && words[3..].Distinct(StringComparer.Ordinal).Count() == words.Length - 3:
                _groups.Add(words[1], (needed, words[3..]));
                return true;
            case "quorum" when words.Length == 2 && _quorum is null && (words[1] == "none" || IsKnown(words[1])):
                _quorum = words[1];
                return true;
            default:
                return false;
        }
    }

    private bool IsKnown(string name) => _witnesses.ContainsKey(name) || _groups.ContainsKey(name);

    private bool IsFree(string name) => name != "none" && !IsKnown(name);

    /// <summary>An optional address at the end of a line: http or https, used as a prefix.</summary>
    private static bool TryUrl(string[] words, int at, out Uri? url)
    {
        url = null;
        if (words.Length <= at)
            return true;
        // An address is ASCII (RFC 3986); of some other texts Uri.TryCreate throws.
        var text = words[at].EndsWith('/') ? words[at] : words[at] + "/";
        return Ascii.IsValid(text) && Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme is "https" or "http");
    }

    private static bool TryNeeded(string[] words, out int needed)
    {
        var members = words.Length - 3;
        needed = words[2] switch
        {
            "any" => 1,
            "all" => members,
            _ => 0,
        };
        return needed > 0
            || (int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out needed) && needed >= 1 && needed <= members);
    }
}

/// <summary>A witness of a policy.</summary>
/// <param name="Name">Its name in the policy file, of no meaning outside.</param>
/// <param name="Key">What its cosignatures are verified with.</param>
/// <param name="Url">Where checkpoints are submitted to, with a slash at the end; null when the policy does not say.</param>
public sealed record PolicyWitness(string Name, VerifierKey Key, Uri? Url);
