"""Training: networks from streams, judged, cut and given exits."""
