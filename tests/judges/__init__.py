"""Programs that are not ours read what we hand out, and are who they should be."""
