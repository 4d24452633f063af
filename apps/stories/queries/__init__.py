"""What is asked about stories, by subject."""
