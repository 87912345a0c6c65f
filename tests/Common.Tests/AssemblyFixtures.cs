[assembly: AssemblyFixture(typeof(Veil.Proofs.Databases.SharedPostgres))]
