"""Sites that train one network together without their records leaving them: participant, coordinator, aggregation."""
