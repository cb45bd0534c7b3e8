"""What shellhook promises, proved at length: `make prove` runs these with their long extents and prints the figures,
`make test` runs the same with short ones."""
