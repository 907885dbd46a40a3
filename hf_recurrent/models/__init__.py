"""The models: everything that travels with a checkpoint, and nothing else."""
