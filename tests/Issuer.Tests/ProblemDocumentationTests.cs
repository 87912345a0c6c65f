using System.Reflection;
using System.Text.RegularExpressions;
using Veil.ServiceDefaults;

namespace Veil.Issuer.Tests;

public sealed partial class ProblemDocumentationTests
{
    [Fact]
    public void The_page_lists_exactly_the_problems_of_the_program_with_their_status()
    {
        string page = File.ReadAllText(Path.Combine(SampleTests.RepositoryRoot(), "ops", "docs", "issuer-problems.md"));
        IEnumerable<(string, int)> documented = Row().Matches(page).Select(row => (row.Groups["type"].Value, int.Parse(row.Groups["status"].Value, System.Globalization.CultureInfo.InvariantCulture)));
        IEnumerable<(string, int)> answered = typeof(Problems).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (Problem)field.GetValue(null)!).Select(problem => (problem.Type, problem.Status));
        Assert.Equal(answered.Order(), documented.Order());
    }

    [GeneratedRegex(@"^\| `(?<type>urn:veil:problem:[a-z-]+)` \| (?<status>\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
