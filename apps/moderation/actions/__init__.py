"""What moderators do, and what members tell them, by subject."""
