using System.Net.Sockets;

namespace Tokens.Transport;

/// <summary>Why a connection did not come about, when this machine is the reason and not the server that was called.</summary>
public static class LocalFault
{
    /// <summary>Is this machine out of sockets, ports, memory or network, or can its resolver not be asked?</summary>
    public static bool IsIn(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
            if (fault is SocketException { SocketErrorCode: var code } && IsLocal(code))
                return true;
        return false;
    }

    private static bool IsLocal(SocketError code) =>
        code
            is SocketError.TooManyOpenSockets
                or SocketError.NoBufferSpaceAvailable
                or SocketError.AddressNotAvailable
                or SocketError.AddressAlreadyInUse
                or SocketError.AddressFamilyNotSupported
                or SocketError.AccessDenied
                or SocketError.NetworkDown
                or SocketError.NetworkUnreachable
                or SocketError.TryAgain
                or SocketError.SystemNotReady;
}
