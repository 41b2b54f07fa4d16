"""E-government of a study: settings and tables → readiness, rollout, access."""
