using System.Buffers.Binary;

namespace Veil.EndToEnd;

/// <summary>The tokens in a wallet file, read by its format alone: 31 bytes of header, then frames of length(2), body, check(8); body 01 is kind(32) and token.</summary>
internal static class WalletTokens
{
    private const int HeaderSize = 31;
    private const int KindSize = 32;
    private const int CheckSize = 8;

    public static IReadOnlyList<byte[]> Read(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path).AsSpan(HeaderSize);
        var tokens = new List<byte[]>();
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            ReadOnlySpan<byte> body = rest.Slice(sizeof(ushort), length);
            if (body[0] == 1)
            {
                tokens.Add(body[(1 + KindSize)..].ToArray());
            }

            rest = rest[(sizeof(ushort) + length + CheckSize)..];
        }

        return tokens;
    }
}
