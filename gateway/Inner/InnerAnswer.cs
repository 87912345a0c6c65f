using Veil.Bhttp;

namespace Veil.Gateway.Inner;

/// <summary>The answer that goes back into the encapsulation: head, pieces of content, end, in this order.</summary>
internal abstract class InnerAnswer
{
    /// <summary>True once the head is given: from here on only an abort can tell the client of a failure.</summary>
    public bool HasStarted { get; private protected set; }

    /// <summary>True once the end is given.</summary>
    public bool IsComplete { get; private protected set; }

    /// <summary>Gives the head.</summary>
    public abstract ValueTask StartAsync(ResponseHead head, CancellationToken cancellationToken);

    /// <summary>Gives a piece of content, which may be reused after the call. False when the answer has grown longer than its form may be.</summary>
    public abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Gives the end.</summary>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    /// <summary>Gives a whole answer at once; the content must stay as it is until the exchange is over.</summary>
    public virtual async ValueTask AnswerAsync(ResponseHead head, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await StartAsync(head, cancellationToken);
        if (!content.IsEmpty)
            await WriteAsync(content, cancellationToken);
        await CompleteAsync(cancellationToken);
    }
}
