"""Real shells in real terminals: `terminal` is the terminal, `shells` knows each shell, `session` is one being used."""
