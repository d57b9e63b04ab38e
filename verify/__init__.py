"""Asks the running mesh, not the YAML: what `make verify` prints and what the lab's tests assert."""
