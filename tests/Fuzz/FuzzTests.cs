namespace Veil.Fuzz;

/// <summary>Every parser takes any bytes without throwing: first those of its corpus, then mutations of them for a bounded time.</summary>
public sealed class FuzzTests(Campaign campaign, ITestOutputHelper output) : IClassFixture<Campaign>
{
    public static TheoryData<string> Names => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_corpus_is_parsed_or_refused(string name)
    {
        FuzzTarget target = FuzzTarget.Named(name);
        IReadOnlyList<(string File, byte[] Bytes)> corpus = Corpus.Of(target);
        Assert.NotEmpty(corpus);
        foreach ((string file, byte[] bytes) in corpus)
        {
            Exception? thrown = Record.Exception(() => target.Fuzz(bytes));
            Assert.True(thrown is null, $"corpus/{name}/{file}: {thrown}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutations_are_parsed_or_refused(string name)
    {
        MutationRun run = campaign.Run(name);
        output.WriteLine($"{name}: {run.Inputs} inputs");
        Assert.True(run.Find is null, run.Find);
    }

    [Fact]
    public void Every_corpus_folder_has_its_target() =>
        Assert.Empty(Corpus.Names().Except(FuzzTarget.All.Select(target => target.Name), StringComparer.Ordinal));

    [Fact]
    public void A_parser_that_throws_is_found_and_the_same_seed_finds_it_again()
    {
        var planted = new FuzzTarget("Planted", input => ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, 40));
        MutationRun first = Campaign.Mutate(planted, [new byte[30]], seed: 7, () => true);
        MutationRun second = Campaign.Mutate(planted, [new byte[30]], seed: 7, () => true);
        Assert.StartsWith($"Planted, seed 7, input {first.Inputs}: ", first.Find, StringComparison.Ordinal);
        Assert.Equal(first.Inputs, second.Inputs);
    }
}
