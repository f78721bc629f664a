"""A site's part: what of its data fits a federation, training on it, sending what was learnt."""
