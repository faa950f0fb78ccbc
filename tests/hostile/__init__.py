"""The threat model as tests: what the network may do to the program, and what that costs."""
