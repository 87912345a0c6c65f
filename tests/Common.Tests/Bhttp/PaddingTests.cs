using Veil.Bhttp;

namespace Veil.Common.Tests.Bhttp;

public static class PaddingTests
{
    [Theory]
    [InlineData(0, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 640)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 1280)]
    [InlineData(Padding.LargestClass, Padding.LargestClass)]
    public static void A_size_has_its_class(int size, int expected) => Assert.Equal(expected, Padding.SizeClass(size));

    [Fact]
    public static void Classes_are_few_hold_their_sizes_and_never_add_more_than_a_quarter()
    {
        var classes = new HashSet<int>();
        for (int size = Padding.SmallestClass; size <= 1 << 20; size++)
        {
            int padded = Padding.SizeClass(size);
            Assert.True(padded >= size && padded <= size + ((size + 3) / 4), $"{size} -> {padded}");
            Assert.Equal(padded, Padding.SizeClass(padded));
            classes.Add(padded);
        }

        Assert.Equal(1 + (11 * 4), classes.Count);
    }
}
