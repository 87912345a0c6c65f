using System.Security.Cryptography;
using Veil.ClientSdk;

namespace Veil.Client.Tests.Wallet;

/// <summary>A wallet file in a folder of its own, gone at the end of the test.</summary>
public sealed class WalletFixture : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("veil-wallet-").FullName;

    internal static TokenKind Kind { get; } = TokenKind.Of("challenge"u8, "key"u8);

    internal string Path => System.IO.Path.Combine(_folder, "wallet");

    internal static WalletToken[] Draw(int count, TokenKind? kind = null) =>
        [.. Enumerable.Range(0, count).Select(_ => new WalletToken(kind ?? Kind, RandomNumberGenerator.GetBytes(354)))];

    internal async Task<WalletToken[]> Fill(int count)
    {
        using var wallet = new TokenWallet(Path);
        WalletToken[] tokens = Draw(count);
        await wallet.AddAsync(tokens, CancellationToken.None);
        return tokens;
    }

    internal async Task<UInt128[]> Available()
    {
        using var wallet = new TokenWallet(Path);
        var ids = new List<UInt128>();
        while (await wallet.TakeAsync(Kind, 1, CancellationToken.None) is { } tokens)
        {
            ids.AddRange(tokens.Select(token => token.Id));
        }

        return [.. ids];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
