using FsCheck;
using FsCheck.Fluent;
using Veil.Crypto;
using Veil.PrivacyPass;

namespace Veil.Common.Tests.PrivacyPass;

/// <summary>Everything that can go wrong with several tokens in one request.</summary>
public static class BatchTests
{
    private const int Most = 100;

    /// <summary>The types that this machine issues.</summary>
    public static TheoryData<ushort> Types => new(TokenType.All.Where(Issues).Select(type => type.Id));

    public static TheoryData<ushort> AmortizableTypes => new(TokenType.All.Where(type => type.IsAmortizable).Select(type => type.Id));

    [Theory]
    [MemberData(nameof(Types))]
    public static void A_batch_gives_as_many_tokens_each_of_its_own(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using PendingBatch pending = Pending(issuer, 5);
        Assert.Equal(5, pending.Count);
        byte[] response = Issue(issuer, pending);
        Assert.True(response.Length <= pending.MaxResponseSize);
        Assert.True(pending.TryFinalize(response, out IReadOnlyList<Token>? tokens, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.None, error);
        Assert.All(tokens, token => Assert.True(issuer.Verify(token)));
        Assert.Equal(5, tokens.Select(token => Convert.ToHexString(token.Nonce)).Distinct().Count());
        Assert.Equal(5, tokens.Select(token => Convert.ToHexString(token.Authenticator)).Distinct().Count());
        Assert.Equal(issuer.Type.IsAmortizable, pending.RequestMediaType == PrivacyPassMediaTypes.AmortizedBatchRequest);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void Tokens_verified_together_get_the_verdict_of_each(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using TokenIssuerKey other = NewKey(id);
        Token[] own = Tokens(issuer, 3);
        Token[] foreign = Tokens(other, 2);
        byte[] forged = own[1].Encoded.ToArray();
        forged[^1] ^= 1;
        Assert.True(Token.TryParse(forged, out Token? forgery, out _));
        Token[] all = [own[0], foreign[0], own[1], forgery, foreign[1], own[2]];
        bool[] verdicts = [.. all.Select(_ => true)];
        issuer.Verify(all, verdicts);
        Assert.Equal([true, false, true, false, false, true], verdicts);
        verdicts = [true, true];
        issuer.Verify(foreign, verdicts);
        Assert.Equal([false, false], verdicts);
        Assert.Throws<ArgumentOutOfRangeException>(() => issuer.Verify(all, new bool[5]));

        static Token[] Tokens(TokenIssuerKey key, int count)
        {
            using PendingBatch pending = Pending(key, count);
            Assert.True(pending.TryFinalize(Issue(key, pending), out IReadOnlyList<Token>? tokens, out _));
            return [.. tokens];
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void An_answer_with_one_flipped_bit_gives_no_token(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using PendingBatch pending = Pending(issuer, 3);
        byte[] response = Issue(issuer, pending);
        for (int bit = 0; bit < response.Length * 8; bit += 37)
        {
            response[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(pending.TryFinalize(response, out IReadOnlyList<Token>? tokens, out _));
            Assert.Null(tokens);
            response[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void Every_proper_prefix_and_one_byte_more_is_refused_both_ways(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using PendingBatch pending = Pending(issuer, 2);
        byte[] request = pending.Request.ToArray();
        byte[] response = Issue(issuer, pending);
        for (int length = 0; length < request.Length; length++)
            Assert.False(Parses(issuer.Type, request[..length]));
        for (int length = 0; length < response.Length; length++)
            Assert.False(pending.TryFinalize(response.AsMemory(0, length), out _, out _));
        Assert.False(Parses(issuer.Type, [.. request, 0]));
        Assert.False(pending.TryFinalize((byte[])[.. response, 0], out _, out _));
        Assert.True(Parses(issuer.Type, request));
        Assert.True(pending.TryFinalize(response, out _, out _));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void A_length_that_is_not_in_its_shortest_form_is_refused_both_ways(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using PendingBatch pending = Pending(issuer, 2);
        byte[] request = pending.Request.ToArray();
        byte[] response = Issue(issuer, pending);
        int at = issuer.Type.IsAmortizable ? 3 : 0;
        Assert.False(Parses(issuer.Type, [.. request[..at], .. Widened(request[at..])]));
        Assert.False(pending.TryFinalize(Widened(response), out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.BadLength, error);
    }

    [Fact]
    public static void A_batch_beyond_the_limit_is_refused_before_its_elements_are_looked_at()
    {
        byte[] elements = new byte[(Most + 1) * 49];
        byte[] request = [0, 1, 7, .. Length(elements.Length), .. elements];
        AssertAmortized(PrivacyPassError.TooManyTokens, request);
        Assert.Equal(TokenType.FindKnown(1)!.Missing is null, AmortizedBatchRequest.TryParse(request, Most + 1, out _, out _));

        byte[] entry = [0, 2, 7, .. new byte[256]];
        byte[] entries = [.. Enumerable.Repeat(entry, 3).SelectMany(bytes => bytes)];
        byte[] generic = [.. Length(entries.Length), .. entries];
        Assert.True(GenericBatchRequest.TryParse(generic, 3, out GenericBatchRequest? parsed, out _));
        Assert.Equal(3, parsed.TokenRequests.Count);
        Assert.False(GenericBatchRequest.TryParse(generic, 2, out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.TooManyTokens, error);
    }

    [Fact]
    public static void The_reader_of_amortized_batches_names_what_is_wrong()
    {
        AssertAmortized(PrivacyPassError.BadLength, []);
        AssertAmortized(PrivacyPassError.BadLength, [0, 1]);
        AssertAmortized(PrivacyPassError.BadLength, [0, 1, 7]);
        AssertAmortized(PrivacyPassError.BadLength, [0, 1, 7, 0]);
        AssertAmortized(PrivacyPassError.BadLength, [0, 1, 7, 1, 2]);
        AssertAmortized(PrivacyPassError.UnknownTokenType, [0x2E, 0x96, 7, 0]);
        AssertAmortized(PrivacyPassError.UnknownTokenType, [0, 3, 7, 0]);
        AssertAmortized(PrivacyPassError.WrongTokenType, [0, 2, 7, .. (byte[])[0x41, 0, .. new byte[256]]]);
        AssertAmortized(PrivacyPassError.BadLength, [0, 1, 7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]);
    }

    [Fact]
    public static void The_reader_of_generic_batches_names_what_is_wrong()
    {
        AssertGeneric(PrivacyPassError.BadLength, []);
        AssertGeneric(PrivacyPassError.BadLength, [0]);
        AssertGeneric(PrivacyPassError.BadLength, [1, 0]);
        AssertGeneric(PrivacyPassError.BadLength, [3, 0, 1, 7]);
        AssertGeneric(PrivacyPassError.UnknownTokenType, [3, 0x7F, 0x3F, 7]);
        AssertGeneric(PrivacyPassError.UnknownTokenType, [55, 0, 1, 7, .. new byte[49], 0, 9, 0]);
        AssertGeneric(PrivacyPassError.BadLength, [53, 0, 1, 7, .. new byte[49], 0]);
    }

    [Theory]
    [MemberData(nameof(AmortizableTypes))]
    public static void The_issuer_refuses_a_whole_amortized_batch_for_one_bad_element(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using PendingBatch pending = Pending(issuer, 3);
        byte[] request = pending.Request.ToArray();
        AssertRefused(PrivacyPassError.UnknownKey, [.. request[..2], (byte)(request[2] ^ 1), .. request[3..]]);
        int elementSize = issuer.Type.BlindedElementSize;
        AssertRefused(PrivacyPassError.BadBlindedElement, [.. request[..^elementSize], .. Enumerable.Repeat((byte)0xFF, elementSize)]);
        AssertRefused(PrivacyPassError.BadBlindedElement, [.. request[..^elementSize], .. new byte[elementSize]]);

        void AssertRefused(PrivacyPassError expected, byte[] bytes)
        {
            Assert.True(AmortizedBatchRequest.TryParse(bytes, Most, out AmortizedBatchRequest? parsed, out _));
            Assert.False(issuer.TryIssue(parsed, out byte[]? response, out PrivacyPassError error));
            Assert.Null(response);
            Assert.Equal(expected, error);
        }
    }

    [Theory]
    [MemberData(nameof(AmortizableTypes))]
    public static void An_answer_of_another_key_or_to_another_batch_gives_no_token(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        using TokenIssuerKey other = NewKey(id);
        using PendingBatch pending = Pending(issuer, 3);
        using PendingBatch another = Pending(issuer, 3);
        byte[] foreign = pending.Request.ToArray();
        foreign[2] = other.PublicKey.TruncatedKeyId;
        Assert.True(AmortizedBatchRequest.TryParse(foreign, Most, out AmortizedBatchRequest? request, out _));
        Assert.True(other.TryIssue(request, out byte[]? response, out _));
        AssertRefused(response);
        AssertRefused(Issue(issuer, another));

        void AssertRefused(byte[] answer)
        {
            Assert.False(pending.TryFinalize(answer, out _, out PrivacyPassError error));
            Assert.Equal(PrivacyPassError.BadSignature, error);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void A_generic_batch_may_lack_entries_and_gives_the_others(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        PendingToken[] pending = [.. Enumerable.Range(0, 3).Select(_ => PendingToken.TryCreate(issuer.PublicKey, Challenge(id), out PendingToken? token, out PrivacyPassError _) ? token : null!)];
        using var batch = new GenericPendingBatch(pending);
        Assert.True(GenericBatchRequest.TryParse(batch.Request, Most, out GenericBatchRequest? request, out _));
        byte[]?[] answers = [.. request.TokenRequests.Select(one => issuer.TryIssue(one.Span, out byte[]? answer, out _) ? answer : null)];

        byte[]?[] without = [answers[0], null, answers[2]];
        Assert.True(batch.TryFinalize(GenericBatchResponse.Write(request, without), out IReadOnlyList<Token>? tokens, out _));
        Assert.Equal(2, tokens.Count);
        Assert.All(tokens, token => Assert.True(issuer.Verify(token)));
        Assert.True(batch.TryFinalize(GenericBatchResponse.Write(request, new byte[]?[3]), out tokens, out _));
        Assert.Empty(tokens);

        byte[] swapped = GenericBatchResponse.Write(request, [answers[1], answers[0], answers[2]]);
        AssertRefused(PrivacyPassError.BadSignature, swapped);
        byte[] good = GenericBatchResponse.Write(request, answers);
        int first = good[0] >> 6 == 1 ? 2 : 1;
        AssertRefused(PrivacyPassError.BadBatchEntry, [.. good[..first], 2, .. good[(first + 1)..]]);
        AssertRefused(PrivacyPassError.WrongTokenType, [.. good[..(first + 1)], 0x3C, 0xD3, .. good[(first + 3)..]]);
        AssertRefused(PrivacyPassError.BadLength, [2, 0, 0]);
        AssertRefused(PrivacyPassError.BadLength, [4, 0, 0, 0, 0]);
        AssertRefused(PrivacyPassError.BadLength, [3, 0, 0, 1]);

        void AssertRefused(PrivacyPassError expected, byte[] response)
        {
            Assert.False(batch.TryFinalize(response, out IReadOnlyList<Token>? none, out PrivacyPassError error));
            Assert.Null(none);
            Assert.Equal(expected, error);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public static void A_disposed_batch_is_of_no_more_use(ushort id)
    {
        using TokenIssuerKey issuer = NewKey(id);
        PendingBatch pending = Pending(issuer, 2);
        byte[] response = Issue(issuer, pending);
        pending.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pending.TryFinalize(response, out _, out _));
    }

    [Fact]
    public static void A_challenge_of_another_type_gets_no_batch()
    {
        using TokenIssuerKey issuer = NewKey(TokenType.All.First(Issues).Id);
        Assert.False(PendingBatch.TryCreate(issuer.PublicKey, Challenge((ushort)(issuer.Type.Id + 1)), 2, out PendingBatch? pending, out PrivacyPassError error));
        Assert.Null(pending);
        Assert.Equal(PrivacyPassError.WrongTokenType, error);
        Assert.Throws<ArgumentOutOfRangeException>(() => PendingBatch.TryCreate(issuer.PublicKey, Challenge(issuer.Type.Id), 0, out _, out _));
    }

    [Fact]
    public static void Type_1_is_refused_by_name_where_libcrypto_is_absent() => PortableBackend.Instance.Run(() =>
    {
        Assert.Null(TokenType.Find(1));
        Assert.DoesNotContain(TokenType.All, type => type.Id == 1);
        Assert.Contains(TokenType.Known, type => type.Id == 1);
        Assert.Contains("libssl3", TokenType.FindKnown(1)!.Missing, StringComparison.Ordinal);
        Assert.False(TokenPublicKey.TryParse(1, new byte[49], out _, out PrivacyPassError error));
        Assert.Equal(PrivacyPassError.UnavailableTokenType, error);
        AssertAmortized(PrivacyPassError.UnavailableTokenType, [0, 1, 7, 49, .. new byte[49]]);
        Assert.False(TokenRequest.TryParse([0, 1, 7, .. new byte[49]], out _, out error));
        Assert.Equal(PrivacyPassError.UnavailableTokenType, error);
        Assert.True(Token.TryParse([0, 1, .. new byte[144]], out _, out _));
        var refused = Assert.Throws<PlatformNotSupportedException>(() => TokenIssuerKey.Import(1, new byte[48]));
        Assert.Contains("0x0001", refused.Message, StringComparison.Ordinal);
    });

    [Fact]
    public static void Any_bytes_parse_or_are_refused() =>
        Prop.ForAll<byte[]>(bytes =>
            AmortizedBatchRequest.TryParse(bytes, Most, out _, out PrivacyPassError error) == (error is PrivacyPassError.None)
            && GenericBatchRequest.TryParse(bytes, Most, out _, out error) == (error is PrivacyPassError.None))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(42, 43));

    private static void AssertAmortized(PrivacyPassError expected, byte[] request)
    {
        if (expected is not PrivacyPassError.UnavailableTokenType && request is [0, 1, ..] && TokenType.FindKnown(1)!.Missing is not null)
            expected = PrivacyPassError.UnavailableTokenType;
        Assert.False(AmortizedBatchRequest.TryParse(request, Most, out AmortizedBatchRequest? parsed, out PrivacyPassError error));
        Assert.Null(parsed);
        Assert.Equal(request.Length < 3 ? PrivacyPassError.BadLength : expected, error);
    }

    private static void AssertGeneric(PrivacyPassError expected, byte[] request)
    {
        Assert.False(GenericBatchRequest.TryParse(request, Most, out GenericBatchRequest? parsed, out PrivacyPassError error));
        Assert.Null(parsed);
        Assert.Equal(expected, error);
    }

    private static bool Issues(TokenType type) => type.Id != 2 || CryptoBackend.Current.Name is "libcrypto";

    private static TokenIssuerKey NewKey(ushort id) => TokenIssuerKey.Import(id, TokenType.Find(id)!.GeneratePrivateKey());

    private static TokenChallenge Challenge(ushort id) => TokenChallenge.Create(id, "issuer.example", [], "origin.example");

    private static PendingBatch Pending(TokenIssuerKey issuer, int count)
    {
        Assert.True(PendingBatch.TryCreate(issuer.PublicKey, Challenge(issuer.Type.Id), count, out PendingBatch? pending, out _));
        return pending;
    }

    private static byte[] Issue(TokenIssuerKey issuer, PendingBatch pending)
    {
        if (issuer.Type.IsAmortizable)
        {
            Assert.True(AmortizedBatchRequest.TryParse(pending.Request, Most, out AmortizedBatchRequest? batch, out _));
            Assert.True(issuer.TryIssue(batch, out byte[]? response, out _));
            return response;
        }

        Assert.True(GenericBatchRequest.TryParse(pending.Request, Most, out GenericBatchRequest? request, out _));
        return GenericBatchResponse.Write(request, [.. request.TokenRequests.Select(one => issuer.TryIssue(one.Span, out byte[]? answer, out _) ? answer : null)]);
    }

    private static bool Parses(TokenType type, byte[] request) => type.IsAmortizable
        ? AmortizedBatchRequest.TryParse(request, Most, out _, out _)
        : GenericBatchRequest.TryParse(request, Most, out _, out _);

    /// <summary>A varint of two bytes.</summary>
    private static byte[] Length(int value) => [(byte)(0x40 | (value >> 8)), (byte)(value & 0xFF)];

    /// <summary>The same with the leading two-byte length (all tests have such) in four bytes.</summary>
    private static byte[] Widened(byte[] vector)
    {
        Assert.Equal(1, vector[0] >> 6);
        return [0x80, 0, (byte)(vector[0] & 0x3F), .. vector[1..]];
    }
}
