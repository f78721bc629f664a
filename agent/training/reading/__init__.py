"""Records of a stream on disk, shuffled and split in bounded memory, the same each time."""
