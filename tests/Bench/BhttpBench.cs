using Veil.Bench.Measuring;
using Veil.Bhttp;

namespace Veil.Bench;

/// <summary>What a gateway spends on binary HTTP for one plain exchange: reading a request of 1 KiB and writing an answer of 1 KiB.</summary>
internal sealed class BhttpBench : IBench
{
    public string Name => "bhttp";

    public string Description => "binary HTTP: read a request and write an answer of 1 KiB each, on the caller's memory";

    public Task<IReadOnlyList<BenchResult>> RunAsync()
    {
        byte[] content = new byte[1024];
        FieldSection headers = new FieldSection()
            .Add("content-type", "application/json").Add("accept", "text/event-stream").Add("date", "Mon, 27 Jul 2009 12:28:53 GMT").Add("authorization", new string('a', 400));
        var request = new BinaryRequest(new RequestHead("POST", "https", "service.example", "/v1/chat/completions", headers), content);
        byte[] message = new byte[request.Size];
        request.TryWrite(message, out _);
        byte[] destination = new byte[4096];

        void Exchange()
        {
            if (!BinaryRequest.TryParse(message, null, out BinaryRequest? read, out _))
                throw new InvalidOperationException("The request was refused.");
            var answer = new BinaryResponse(new ResponseHead(200, new FieldSection().Add("content-type", "application/json")), read.Content);
            answer.TryWrite(destination, out _);
        }

        double best = InterleavedRounds.BestMicroseconds(rounds: 10, operations: 50_000, Exchange)[0];
        return Task.FromResult<IReadOnlyList<BenchResult>>(
        [
            BenchResult.Figure("bhttp request in, answer out", best, "us"),
            BenchResult.Figure("bhttp allocated", InterleavedRounds.AllocatedBytes(10_000, Exchange), "B"),
        ]);
    }
}
