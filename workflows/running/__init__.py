"""A cycle that runs: opening, acting, firing, looking; over any store."""
