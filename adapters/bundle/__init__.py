"""Evidence bundles: one file that a stranger verifies without trusting whoever made it."""
