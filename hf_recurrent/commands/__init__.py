"""The verbs of the console command, one module each: its options, and one call of the package."""
