namespace Veil.ClientSdk;

/// <summary>
/// For bodies sent to paths that end in <see cref="PathSuffix"/>: which top-level fields travel. The first matching rule applies;
/// a rule has either <see cref="Allow"/> (only these) or <see cref="Strip"/> (all but these). Where it has a path or an allow-list, a body
/// that is not JSON is refused whatever its media type; a rule that strips everywhere filters what is JSON and lets the rest pass.
/// </summary>
public sealed record JsonFieldRule
{
    /// <summary>End of the path, such as /chat/completions; the empty suffix matches every path.</summary>
    public string PathSuffix { get; init; } = "";

    /// <summary>The only fields that travel.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>The fields that do not travel.</summary>
    public IReadOnlyList<string>? Strip { get; init; }

    /// <summary>An allow-list for the model interfaces that we know; elsewhere the fields that name a person are taken out.</summary>
    public static IReadOnlyList<JsonFieldRule> Default { get; } =
    [
        new()
        {
            PathSuffix = "/chat/completions",
            Allow =
            [
                "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "messages", "min_p",
                "modalities", "model", "n", "parallel_tool_calls", "prediction", "presence_penalty", "reasoning_effort", "repetition_penalty", "response_format",
                "seed", "stop", "stream", "stream_options", "temperature", "tool_choice", "tools", "top_k", "top_logprobs", "top_p", "verbosity",
            ],
        },
        new()
        {
            PathSuffix = "/completions",
            Allow =
            [
                "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "model", "n", "presence_penalty", "prompt", "seed", "stop", "stream",
                "stream_options", "suffix", "temperature", "top_p",
            ],
        },
        new() { PathSuffix = "/embeddings", Allow = ["dimensions", "encoding_format", "input", "model"] },
        new() { Strip = ["user", "metadata", "safety_identifier", "prompt_cache_key"] },
    ];
}
