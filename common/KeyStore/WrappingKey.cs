using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Veil.KeyStore;

/// <summary>The 32-byte AES-256-GCM key under which keys lie on disk. Zeroed when disposed; there is no way to read it back.</summary>
public sealed class WrappingKey : IDisposable
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30);
    private readonly byte[] _key;
    private bool _disposed;

    /// <param name="key">32 bytes, copied.</param>
    /// <exception cref="ArgumentException">The size is wrong.</exception>
    public WrappingKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Size)
            throw new ArgumentException($"A wrapping key has {Size} bytes, this one {key.Length}.", nameof(key));

        _key = key.ToArray();
    }

    /// <summary>The wrapping key from the one source that the options name.</summary>
    /// <exception cref="KeyStoreException">No source or several are named, or the source does not yield 32 bytes.</exception>
    public static WrappingKey From(KeyStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        bool[] named = [options.WrappingKeyFile is not null, options.WrappingKeyVariable is not null, options.WrappingKeyCommand is not null];
        if (named.Count(set => set) != 1)
        {
            throw new KeyStoreException(
                $"Exactly one of WrappingKeyFile, WrappingKeyVariable and WrappingKeyCommand must be set; {named.Count(set => set)} are.");
        }

        return named[0] ? FromFile(options.WrappingKeyFile!)
            : named[1] ? FromVariable(options.WrappingKeyVariable!)
            : FromCommand(options.WrappingKeyCommand!);
    }

    /// <summary>Writes a new random wrapping key to a file that must not exist yet, as base64, mode 0600.</summary>
    /// <exception cref="KeyStoreException">The file exists or cannot be written.</exception>
    public static void CreateFile(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Size);
        try
        {
            DurableFile.Create(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyStoreException($"The wrapping key file {path} could not be made: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }

    internal void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var aead = new AesGcm(_key, tag.Length);
        aead.Encrypt(nonce, plaintext, ciphertext, tag, associated);
    }

    internal bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associated)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var aead = new AesGcm(_key, tag.Length);
        try
        {
            aead.Decrypt(nonce, ciphertext, tag, plaintext, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static WrappingKey FromFile(string path)
    {
        byte[] content;
        try
        {
            DurableFile.RefuseIfOthersCanRead(path);
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyStoreException($"WrappingKeyFile {path} cannot be read: {e.Message}", e);
        }

        try
        {
            return content.Length == Size ? new WrappingKey(content) : FromText(Encoding.ASCII.GetString(content), $"WrappingKeyFile {path}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static WrappingKey FromVariable(string name) => FromText(
        Environment.GetEnvironmentVariable(name)
            ?? throw new KeyStoreException($"The environment variable {name}, which WrappingKeyVariable names, is not set."),
        $"The environment variable {name}");

    private static WrappingKey FromCommand(IReadOnlyList<string> command)
    {
        if (command.Count == 0)
            throw new KeyStoreException("WrappingKeyCommand is empty: its first item is the program.");

        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, UseShellExecute = false };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(CommandTimeout))
            {
                process.Kill();
                throw new KeyStoreException($"WrappingKeyCommand {command[0]} did not end within {CommandTimeout.TotalSeconds} seconds.");
            }

            if (process.ExitCode != 0)
                throw new KeyStoreException($"WrappingKeyCommand {command[0]} ended with exit code {process.ExitCode}.");
            return FromText(output.GetAwaiter().GetResult(), $"The output of WrappingKeyCommand {command[0]}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new KeyStoreException($"WrappingKeyCommand {command[0]} could not be started: {e.Message}", e);
        }
    }

    private static WrappingKey FromText(string text, string source)
    {
        Span<byte> key = stackalloc byte[Size];
        try
        {
            return Convert.TryFromBase64String(text.Trim(), key, out int written) && written == Size
                ? new WrappingKey(key)
                : throw new KeyStoreException($"{source} does not hold the base64 of {Size} bytes.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
