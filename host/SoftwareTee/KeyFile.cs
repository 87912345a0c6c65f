using System.Security.Cryptography;

namespace Veil.SoftwareTee;

/// <summary>The private key of a root, on a curve, in a file that several software TEEs share.</summary>
internal static class KeyFile
{
    /// <summary>The key in a file; the first to come makes it.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <exception cref="CryptographicException">The file holds something else.</exception>
    public static ECDsa OpenOrCreate(string file, ECCurve curve)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (!File.Exists(file))
        {
            using ECDsa made = ECDsa.Create(curve);
            SaveOnce(file, made.ExportPkcs8PrivateKeyPem() + "\n");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
            CryptographicOperations.ZeroMemory(parameters.D);
            return parameters.Curve.Oid.Value == curve.Oid.Value ? key : throw new CryptographicException("Another curve.");
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new CryptographicException($"{file} holds no private key on the curve {curve.Oid.FriendlyName}.", failure);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file whole and under its name at once; whoever is second leaves what is there.</summary>
    private static void SaveOnce(string file, string text)
    {
        string unfinished = $"{file}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(unfinished, options))
        {
            writer.Write(text);
        }

        try
        {
            File.Move(unfinished, file);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(unfinished);
        }
    }
}
