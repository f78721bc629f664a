"""Where to cut a network: by measured times, over the tiers between a sensor and the cloud."""
