using System.Security.Cryptography;

namespace Veil.Crypto;

/// <summary>
/// Inputs blinded for one key, with the scalars that unblind the answer (RFC 9497 section 3.3.2). Only <see cref="VoprfPublicKey.Blind(ReadOnlySpan{byte[]})"/>
/// makes them; disposing erases the scalars.
/// </summary>
public sealed class BlindedInputs : IDisposable
{
    private readonly VoprfPublicKey _key;
    private readonly byte[][] _inputs;
    private readonly byte[] _blinds;
    private readonly byte[] _blinded;
    private bool _disposed;

    internal BlindedInputs(VoprfPublicKey key, byte[][] inputs, byte[] blinds, byte[] blinded)
    {
        _key = key;
        _inputs = inputs;
        _blinds = blinds;
        _blinded = blinded;
    }

    /// <summary>How many.</summary>
    public int Count => _inputs.Length;

    /// <summary>The blinded elements, concatenated: what the server gets.</summary>
    public ReadOnlySpan<byte> Bytes => _blinded;

    /// <summary>Finalize of all: checks the proof, then unblinds. A wrong length, an element or scalar that does not decode and a proof that does not hold are one failure.</summary>
    /// <param name="evaluated">Untrusted; the evaluated elements in the order of <see cref="Bytes"/>.</param>
    /// <param name="proof">Untrusted.</param>
    /// <param name="outputs"><see cref="Count"/> outputs of the suite's size, concatenated; all zero on failure.</param>
    /// <exception cref="ArgumentException"><paramref name="outputs"/> has another length.</exception>
    public bool TryFinalize(ReadOnlySpan<byte> evaluated, ReadOnlySpan<byte> proof, Span<byte> outputs) => TryFinalize(evaluated, proof, proven: true, outputs);

    /// <summary>Finalize of mode 0, for its vectors: nothing is proven there.</summary>
    internal bool TryFinalizeUnproven(ReadOnlySpan<byte> evaluated, Span<byte> outputs) => TryFinalize(evaluated, default, proven: false, outputs);

    /// <summary>Erases the blinds.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_blinds);
    }

    private bool TryFinalize(ReadOnlySpan<byte> evaluated, ReadOnlySpan<byte> proof, bool proven, Span<byte> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        VoprfSuite suite = _key.Suite;
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, Count * suite.OutputSize, nameof(outputs));
        outputs.Clear();
        using GroupElements? elements = evaluated.Length == _blinded.Length ? suite.Group.TryDecode(evaluated) : null;
        if (elements is null || (proven && !Verify(elements, evaluated, proof)))
            return false;

        var inverses = new byte[_blinds.Length];
        var unblinded = new byte[_blinded.Length];
        suite.Group.Invert(_blinds, inverses);
        using (GroupElements results = elements.Multiply(inverses))
            results.Encode(unblinded);
        for (int i = 0; i < Count; i++)
        {
            suite.WriteOutput(
                _inputs[i], unblinded.AsSpan(i * suite.ElementSize, suite.ElementSize), outputs.Slice(i * suite.OutputSize, suite.OutputSize));
        }

        CryptographicOperations.ZeroMemory(inverses);
        CryptographicOperations.ZeroMemory(unblinded);
        return true;
    }

    private bool Verify(GroupElements evaluated, ReadOnlySpan<byte> evaluatedBytes, ReadOnlySpan<byte> proof)
    {
        using GroupElements? blinded = _key.Suite.Group.TryDecode(_blinded);
        return blinded is not null && DleqProof.Verify(_key.Suite, _key.Encoding, blinded, _blinded, evaluated, evaluatedBytes, proof);
    }
}
