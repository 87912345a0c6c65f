namespace Veil.ClientCli;

/// <summary>What the command leaves to a script.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A hop failed; standard error names it.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or settings.</summary>
    public const int Usage = 2;

    /// <summary>The service answered, with a status of 400 or above.</summary>
    public const int ErrorStatus = 3;

    /// <summary>Stopped by the user, as a shell says it.</summary>
    public const int Cancelled = 130;
}
