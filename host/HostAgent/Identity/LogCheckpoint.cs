using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Veil.ServiceDefaults;
using Veil.Transparency;
using Veil.Transparency.Epochs;

namespace Veil.HostAgent.Identity;

/// <summary>Reads the newest checkpoint of the authority's log, signed by the log and cosigned by its witnesses. For one caller at a time.</summary>
internal sealed class LogCheckpoint : IDisposable
{
    /// <summary>Longest answer in bytes: a checkpoint with a line for each of a hundred witnesses.</summary>
    private const int MaxSize = 16 * 1024;

    private readonly LogOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly TrustBundle? _bundle;
    private readonly HttpClient? _http;
    private Checkpoint? _newest;

    /// <exception cref="StartupException">The bundle cannot be used.</exception>
    public LogCheckpoint(IOptions<LogOptions> options, ILogger<LogCheckpoint> logger, IHostApplicationLifetime lifetime)
    {
        _options = options.Value;
        _logger = logger;
        _stopping = lifetime.ApplicationStopping;
        if (_options.Url is null)
            return;
        _bundle = ReadBundle(_options.TrustBundleFile!);
        _http = new HttpClient(OutboundHandler.Create(_options.Tls.ToAuthenticationOptions(), _options.LocalAddress)) { Timeout = _options.Timeout, MaxResponseContentBufferSize = MaxSize };
    }

    /// <summary>What the log shows now, or showed before where a mirror is behind; null where there is no log.</summary>
    /// <exception cref="AttesterException">The log is not there, or is another.</exception>
    public LogSight? Read()
    {
        if (_http is null)
            return null;

        try
        {
            Checkpoint read = Fetch(_http, _bundle!);
            if (_newest is null || read.Size >= _newest.Size)
                _newest = read;
            else
                _logger.CheckpointBehind(read.Size, _newest.Size);
            return new(_newest, _bundle!.Epochs.NewestUntil(_newest.Size));
        }
        catch (AttesterException)
        {
            _logger.CheckpointNotRead();
            throw;
        }
    }

    public void Dispose() => _http?.Dispose();

    private static TrustBundle ReadBundle(string file)
    {
        try
        {
            return TrustBundle.TryParse(File.ReadAllBytes(file), out TrustBundle? bundle, out string problem) ? bundle : throw new StartupException($"{file} (Log:TrustBundleFile): {problem}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Log:TrustBundleFile: {failure.Message}", failure);
        }
    }

    private Checkpoint Fetch(HttpClient http, TrustBundle bundle)
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(_options.Url!.AbsoluteUri.TrimEnd('/') + "/"), "checkpoint"));
            using HttpResponseMessage answer = http.Send(question, HttpCompletionOption.ResponseContentRead, _stopping);
            if (answer.StatusCode is HttpStatusCode.NotFound)
                return new Checkpoint(bundle.Origin, 0, MerkleTree.EmptyRoot);
            if (answer.StatusCode is not HttpStatusCode.OK)
                throw Refusal($"answered with status {(int)answer.StatusCode}");

            using var note = new MemoryStream();
            answer.Content.CopyTo(note, context: null, _stopping);
            if (!bundle.Witnessing.TryVerify(note.ToArray(), out WitnessedCheckpoint? witnessed))
                throw Refusal("answered with no checkpoint of the trust bundle's log and witnesses");

            // One head may stand before its time, where a publisher's clock is ahead; no log has more.
            return witnessed.Checkpoint.Size - 2 <= bundle.Epochs.At(witnessed.WitnessedAt) ? witnessed.Checkpoint : throw Refusal("answered with a checkpoint of epochs that have not begun");
        }
        catch (HttpRequestException failure)
        {
            throw Refusal(failure.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded ? $"answered with more than {MaxSize} bytes" : $"cannot be reached ({failure.HttpRequestError})", failure);
        }
        catch (OperationCanceledException failure) when (!_stopping.IsCancellationRequested)
        {
            throw Refusal($"did not answer within {_options.Timeout.TotalSeconds:0.#} s", failure);
        }
    }

    private AttesterException Refusal(string what, Exception? cause = null)
    {
        string message = $"the log's checkpoint is missing: {_options.Url!.GetLeftPart(UriPartial.Authority)} {what} (check Log:Url and Log:TrustBundleFile)";
        return cause is null ? new(message) : new(message, cause);
    }
}
