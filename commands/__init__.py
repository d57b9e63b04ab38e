"""What `make` does with a stack; each is a plain `pulumi` command with everything it needs put in place first."""
