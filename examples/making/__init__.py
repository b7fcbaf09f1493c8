"""How the example tables are made: one module a campaign, and `sheets` for what they share."""
