"""What a study can be asked to compute: one folder a capability."""
