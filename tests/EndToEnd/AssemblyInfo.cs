// Every class brings up processes of its own: one after another they have the machine to themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
