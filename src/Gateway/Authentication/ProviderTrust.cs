using Tokens.Renewal;

namespace Gateway.Authentication;

/// <summary>What the certificates of providers are judged by.</summary>
/// <param name="Options">Names their revocation lists.</param>
/// <param name="Sets">CA sets.</param>
/// <param name="Watch">Watches the files of both.</param>
internal sealed record ProviderTrust(GatewayOptions Options, TrustSets Sets, WatchedFiles Watch);
