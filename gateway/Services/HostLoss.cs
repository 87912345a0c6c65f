namespace Veil.Gateway.Services;

/// <summary>Whether a request whose host failed can go to another one.</summary>
internal enum HostLoss
{
    /// <summary>No: it was answered, if only in part, or it is not the host that failed.</summary>
    None,

    /// <summary>There was no connection to send it on.</summary>
    Unreached,

    /// <summary>It may have been carried out, and nothing was answered.</summary>
    Unanswered,
}
