"""What is asked about comments, by subject."""
