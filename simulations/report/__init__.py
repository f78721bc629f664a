"""What a run found, as one HTML page and as pictures for papers."""
