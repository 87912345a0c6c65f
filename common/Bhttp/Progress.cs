namespace Veil.Bhttp;

/// <summary>How a part of a decoder stands when it returns.</summary>
internal enum Progress
{
    /// <summary>The input is used up before the part was complete.</summary>
    More,

    /// <summary>The part is complete.</summary>
    Done,

    /// <summary>The part is refused.</summary>
    Failed,
}
