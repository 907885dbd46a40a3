"""Scripts that tests run in processes of their own, against the Hub on loopback."""
