using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Veil.Gateway.Redemption;

/// <summary>
/// 16 random bytes that this gateway draws for one inbound request. The issuer gives the same verdict for the same token and id, so a call can be
/// repeated; a replayed request gets an id of its own and finds its token spent. No client ever sees it.
/// </summary>
[InlineArray(Size)]
internal struct RedemptionId
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 16;

    private byte _first;

    /// <summary>A new id.</summary>
    public static RedemptionId Draw()
    {
        var id = default(RedemptionId);
        RandomNumberGenerator.Fill(id);
        return id;
    }
}
