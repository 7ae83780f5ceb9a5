"""Networks with a head for each of several targets."""
