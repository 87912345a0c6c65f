using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>
/// The wallet's file format, as bytes and values.
/// <code>
/// file  := "veil wallet v1" 0a  generation(16)  frame*
/// frame := length(2) body check(8)          check = first 8 bytes of SHA-256(body); length counts the body
/// body  := 01 kind(32) token                a token was drawn
///        | 02 id(16)                        the token of this id is in flight, for ever
/// </code>
/// Frames are only appended. A frame that does not check is what a crash leaves of a write that was never confirmed: reading goes on
/// at the next byte that starts a whole frame, so that no mark after a torn place is overlooked.
/// </summary>
internal static class WalletJournal
{
    public const int HeaderSize = 15 + 16;

    /// <summary>Longest token in bytes; the longest known type has 354.</summary>
    public const int MaxTokenSize = 4096;

    private const byte TokenRecord = 1;
    private const byte MarkRecord = 2;
    private const int CheckSize = 8;
    private const int MarkBodySize = 1 + 16;
    private const int FrameOverhead = sizeof(ushort) + CheckSize;

    private static ReadOnlySpan<byte> Magic => "veil wallet v1\n"u8;

    /// <summary>A header with a new generation: a reader that knows another generation reads from the start.</summary>
    public static byte[] NewHeader()
    {
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        RandomNumberGenerator.Fill(header.AsSpan(Magic.Length));
        return header;
    }

    /// <summary>The file's generation; false when this is no wallet.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> file, out UInt128 generation)
    {
        bool known = file.Length >= HeaderSize && file.StartsWith(Magic);
        generation = known ? BinaryPrimitives.ReadUInt128BigEndian(file[Magic.Length..]) : default;
        return known;
    }

    /// <summary>Appends the frame of a token that was drawn.</summary>
    public static void WriteToken(List<byte> journal, WalletToken token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Bytes.Length, MaxTokenSize);
        Span<byte> body = stackalloc byte[1 + TokenKind.Size + token.Bytes.Length];
        body[0] = TokenRecord;
        token.Kind.Write(body[1..]);
        token.Bytes.Span.CopyTo(body[(1 + TokenKind.Size)..]);
        WriteFrame(journal, body);
    }

    /// <summary>Appends the frame that puts a token in flight.</summary>
    public static void WriteMark(List<byte> journal, UInt128 id)
    {
        Span<byte> body = stackalloc byte[MarkBodySize];
        body[0] = MarkRecord;
        BinaryPrimitives.WriteUInt128BigEndian(body[1..], id);
        WriteFrame(journal, body);
    }

    /// <summary>Applies every whole frame in order; false when bytes between or after them were no frame.</summary>
    public static bool Read(ReadOnlySpan<byte> frames, WalletContents contents)
    {
        bool whole = true;
        while (!frames.IsEmpty)
        {
            if (TryReadFrame(frames, out ReadOnlySpan<byte> body))
            {
                Apply(body, contents);
                frames = frames[(body.Length + FrameOverhead)..];
            }
            else
            {
                whole = false;
                frames = frames[1..];
            }
        }

        return whole;
    }

    private static void WriteFrame(List<byte> journal, ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)body.Length));
        journal.AddRange(length);
        journal.AddRange(body);
        journal.AddRange(SHA256.HashData(body).AsSpan(0, CheckSize));
    }

    private static bool TryReadFrame(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (source.Length < FrameOverhead)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(source);
        if (length > source.Length - FrameOverhead || !IsBody(source.Slice(sizeof(ushort), length)))
        {
            return false;
        }

        ReadOnlySpan<byte> candidate = source.Slice(sizeof(ushort), length);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(candidate, digest);
        if (!digest[..CheckSize].SequenceEqual(source.Slice(sizeof(ushort) + length, CheckSize)))
        {
            return false;
        }

        body = candidate;
        return true;
    }

    private static bool IsBody(ReadOnlySpan<byte> body) => body switch
    {
        [MarkRecord, ..] => body.Length is MarkBodySize,
        [TokenRecord, ..] => body.Length is > 1 + TokenKind.Size and <= 1 + TokenKind.Size + MaxTokenSize,
        _ => false,
    };

    private static void Apply(ReadOnlySpan<byte> body, WalletContents contents)
    {
        if (body[0] is MarkRecord)
        {
            contents.Mark(BinaryPrimitives.ReadUInt128BigEndian(body[1..]));
        }
        else
        {
            contents.Add(new WalletToken(TokenKind.Read(body[1..]), body[(1 + TokenKind.Size)..].ToArray()));
        }
    }
}
