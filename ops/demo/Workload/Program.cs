using Veil.Workload;

// A small model server behind a host agent: it listens on loopback alone, knows nothing of Veil, and is what a person
// would put there: an OpenAI-compatible endpoint. `--urls http://127.0.0.1:PORT` says where.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024; // a long conversation is some hundred KiB
});

WebApplication app = builder.Build();
app.MapChatCompletions();
app.MapGet("/v1/models", () => Results.Text(
    """{"object":"list","data":[{"id":"veil-summary-1","object":"model","created":0,"owned_by":"veil"}]}""", "application/json"));

try
{
    await app.RunAsync();
    return 0;
}
catch (IOException failure)
{
    await Console.Error.WriteLineAsync($"The workload cannot listen: {failure.Message}");
    return 1;
}
