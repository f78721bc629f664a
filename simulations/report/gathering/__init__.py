"""From a run's folder to what its report says: one file a section."""
