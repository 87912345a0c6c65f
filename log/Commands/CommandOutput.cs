using System.Text.Encodings.Web;
using System.Text.Json;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.TransparencyLog.Commands;

/// <summary>How commands end, and what they read alike.</summary>
internal static class CommandOutput
{
    /// <summary>JSON in which a verifier key's '+' stays readable: it goes to a terminal or a file, never into a page.</summary>
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line on standard error, and the exit code.</summary>
    public static int Fail(string line)
    {
        Tell(line);
        return 1;
    }

    /// <summary>One line on standard error of a command that goes on.</summary>
    public static void Tell(string line) => Console.Error.WriteLine($"{LogApp.Name}: {line}");

    /// <summary>The trust bundle of a file; null, with the line written, when it is none.</summary>
    public static TrustBundle? ReadBundle(FileInfo file)
    {
        try
        {
            if (TrustBundle.TryParse(File.ReadAllBytes(file.FullName), out TrustBundle? bundle, out string problem))
                return bundle;
            Fail($"{file}: {problem}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail($"{file}: cannot be read ({failure.GetType().Name}).");
        }

        return null;
    }

    /// <summary>A signing key of a file; null, with the line written, when it is none.</summary>
    public static NoteSigner? ReadSigner(FileInfo file)
    {
        try
        {
            return NoteKeyFile.Read(file.FullName, NoteKeyType.Ed25519);
        }
        catch (ServiceDefaults.StartupException failure)
        {
            Fail(failure.Message);
            return null;
        }
    }
}
