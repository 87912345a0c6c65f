using System.Security.Cryptography;

namespace Veil.ClientSdk;

/// <summary>What a journal adds up to: the tokens that were drawn and never put in flight.</summary>
internal sealed class WalletContents
{
    private readonly Dictionary<TokenKind, List<WalletToken>> _available = [];
    private readonly HashSet<UInt128> _marked = [];

    /// <summary>Tokens in flight or spent that the journal still holds.</summary>
    public int Marked => _marked.Count;

    /// <summary>Tokens that can be spent, of all kinds.</summary>
    public IEnumerable<WalletToken> Available => _available.Values.SelectMany(tokens => tokens);

    /// <summary>Tokens of this kind that can be spent.</summary>
    public int Count(TokenKind kind) => _available.TryGetValue(kind, out List<WalletToken>? tokens) ? tokens.Count : 0;

    /// <summary>A token was drawn. One that is in flight, or here already, is not available again.</summary>
    public void Add(WalletToken token)
    {
        if (_marked.Contains(token.Id))
        {
            return;
        }

        if (!_available.TryGetValue(token.Kind, out List<WalletToken>? tokens))
        {
            _available.Add(token.Kind, tokens = []);
        }

        if (!tokens.Exists(other => other.Id == token.Id))
        {
            tokens.Add(token);
        }
    }

    /// <summary>The token of this id is in flight, for ever.</summary>
    public void Mark(UInt128 id)
    {
        _marked.Add(id);
        foreach (List<WalletToken> tokens in _available.Values)
        {
            tokens.RemoveAll(token => token.Id == id);
        }
    }

    /// <summary>Takes so many at random, so that the order of spending says nothing about the order of drawing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public WalletToken[] Take(TokenKind kind, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count(kind));
        var taken = new WalletToken[count];
        for (int i = 0; i < count; i++)
        {
            List<WalletToken> left = _available[kind];
            taken[i] = left[RandomNumberGenerator.GetInt32(left.Count)];
            Mark(taken[i].Id);
        }

        return taken;
    }
}
